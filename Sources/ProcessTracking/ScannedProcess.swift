package import ProfileModel

/// What /proc said of one process.
package struct ScannedProcess: Sendable {
    /// When reading began (CLOCK_MONOTONIC): what older records say is contained in the rest.
    package let time: UInt64
    package let tgid: UInt32
    package let parent: UInt32
    package let command: CommandName
    /// Empty for kernel threads, and when it may not be read.
    package let executable: String
    package let isKernelThread: Bool
    /// In ticks of 10 ms after boot.
    package let startTicks: UInt64
    /// Nil when there was nothing to read: no permission, or the process had ended but for its entry.
    package let mappings: [ReportedMapping]?

    package init(
        time: UInt64, tgid: UInt32, parent: UInt32, command: CommandName, executable: String,
        isKernelThread: Bool, startTicks: UInt64, mappings: [ReportedMapping]?
    ) {
        self.time = time
        self.tgid = tgid
        self.parent = parent
        self.command = command
        self.executable = executable
        self.isKernelThread = isKernelThread
        self.startTicks = startTicks
        self.mappings = mappings
    }
}
