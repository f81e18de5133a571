package import ProfileModel

/// What a perf record says happened to a process.
package struct ProcessEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// An executable mapping appeared, or became executable.
        case mapped(ReportedMapping)
        /// A thread got a new name; `byExec`: because the process runs another program from now on.
        case named(CommandName, byExec: Bool)
        /// A thread (`parent` is the same process) or a process began.
        case forked(parent: UInt32)
        /// A thread ended.
        case exited
        /// The kernel dropped records; 0: nobody knows how many.
        case lost(UInt64)
    }

    /// CLOCK_MONOTONIC, nanoseconds.
    package let time: UInt64
    package let cpu: UInt32
    /// In the pid namespace of whoever opened the event, as is `tid`; 0 for `lost`.
    package let tgid: UInt32
    package let tid: UInt32
    package let kind: Kind

    package init(time: UInt64, cpu: UInt32 = 0, tgid: UInt32, tid: UInt32, kind: Kind) {
        self.time = time
        self.cpu = cpu
        self.tgid = tgid
        self.tid = tid
        self.kind = kind
    }
}
