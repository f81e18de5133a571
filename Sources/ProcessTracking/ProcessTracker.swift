/// Knows every process and what it maps, from perf records, /proc and samples.
///
/// Pure: it reads nothing itself, but returns what should be read. Records and samples are given in
/// order of time (`TimeOrderedQueue`); a scan of /proc may be given at any time, records older than
/// it are then contained in it. Cost: a fork or an exec O(1), a mapping O(log n) and a move of the
/// array behind it, an address O(log n).
package struct ProcessTracker: Sendable {
    /// Bounds of what is kept.
    package struct Limits: Sendable {
        package var processes = 1 << 16
        /// Ended processes kept for late samples.
        package var exitedProcesses = 1 << 14
        package var mappingsPerProcess = 1 << 16
        /// How long an ended process is kept, nanoseconds.
        package var grace: UInt64 = 10_000_000_000

        package init() {}
    }

    /// What was given up, and how often /proc was needed; monotonic.
    package struct Counters: Hashable, Sendable {
        /// Records the kernel dropped.
        package var lostRecords: UInt64 = 0
        /// Processes not kept because there were too many.
        package var refusedProcesses: UInt64 = 0
        /// Mappings not kept because a process had too many.
        package var refusedMappings: UInt64 = 0
        /// Samples of processes that no record had told us of.
        package var unknownProcesses: UInt64 = 0
        package var scans: UInt64 = 0
    }

    /// Where `ResolvedAddress.image` leads.
    package internal(set) var images = ImageTable()
    package internal(set) var counters = Counters()
    /// `Clock.bootOffset`, in nanoseconds: set it anew now and then, for it grows
    /// when the machine sleeps.
    package var bootOffset: UInt64

    let limits: Limits
    var table = ProcessTable()
    var limiter = RescanLimiter()
    private var nextImageSweep: UInt64 = 0
    /// Ids that samples carried and will not carry any more, not yet told by `expire`.
    var outdated: [ProcessID] = []

    package init(bootOffset: UInt64, limits: Limits = Limits()) {
        self.bootOffset = bootOffset
        self.limits = limits
    }

    /// Processes known now, ended ones within their grace included.
    package var processes: [TrackedProcess] { table.all }
    package var processCount: Int { table.count }

    /// The process that has this number now; for samples use `process(of:)`.
    package func process(tgid: UInt32) -> TrackedProcess? { table[tgid] }

    /// Makes room: forgets processes that ended longer than the grace period ago, and images that
    /// nobody has mapped for two minutes or so. Call it every second or so.
    ///
    /// Returns the ids that no sample will have any more: of forgotten processes, and of those that
    /// became other programs. Whatever is kept by id may go.
    package mutating func expire(at now: UInt64) -> [ProcessID] {
        let removed = table.removeExited(
            before: now.subtractingSaturating(limits.grace), limit: limits.exitedProcesses)
        for process in removed where table[process.tgid] == nil { limiter.forget(process.tgid) }
        limiter.removeQuiet(at: now)
        if now >= nextImageSweep {
            nextImageSweep = now.addingSaturating(60_000_000_000)
            var used: Set<ImageTable.ImageID> = []
            for process in table.all { used.formUnion(process.mappings.mappings.map(\.image)) }
            images.removeIdle(used: used)
        }
        defer { outdated = [] }
        return outdated + removed.map(\.id)
    }

    /// A scan that was put off and is due now; ask after every batch.
    package mutating func dueAction(at now: UInt64) -> TrackerAction? {
        limiter.mayScanAll(at: now) ? .rescanAll : nil
    }

    /// Keeps a process, unless there are too many and none of them has ended.
    mutating func keep(_ process: TrackedProcess, at now: UInt64) {
        if table.count >= limits.processes, table[process.tgid] == nil {
            // The oldest eighth of the ended, so that this is not done for every new one.
            let remaining = table.exitCount - table.exitCount / 8 - 1
            outdated += table.removeExited(before: 0, limit: remaining).map(\.id)
        }
        guard table.count < limits.processes else {
            counters.refusedProcesses &+= 1
            return
        }
        table.insert(process, at: now)
    }

    /// CLOCK_MONOTONIC as the CLOCK_BOOTTIME of start times. Wraps, so that an offset that was read
    /// a few nanoseconds too small is not taken for six hundred years.
    func bootTime(_ monotonic: UInt64) -> UInt64 { monotonic &+ bootOffset }
}

/// What the owner of a tracker should do.
package enum TrackerAction: Hashable, Sendable {
    /// Scan one process (`ProcessScanner.scan`) and apply what was found; if nothing was, say so
    /// with `ProcessTracker.sawNothing(of:at:)`.
    case rescan(tgid: UInt32)
    /// Scan all processes (`ProcessScanner.scanAll`) and apply what was found.
    case rescanAll
}
