/// How one process is profiled, as `/api/v1/processes` shows it.
package struct ProcessReport: Encodable, Hashable, Sendable {
    package var tgid: UInt32
    /// When it started: Unix time in milliseconds.
    package var start: Int64
    package var comm: String
    /// The executable's path as the process's own mount namespace names it; empty for kernel threads.
    package var exe: String
    package var serviceName: String
    package var cgroup: String
    /// Since the agent saw it first.
    package var samples: UInt64
    /// The share of `samples` whose stack is whole, 0 to 1; nil while there is none.
    package var wholeShare: Double?
    /// Why the others are not, most frequent first.
    package var stopReasons: [TalliedReason]
    /// What would make the others whole, for the most frequent reason; nil when nothing would.
    package var advice: String?

    package init(
        tgid: UInt32, start: Int64, comm: String, exe: String, serviceName: String, cgroup: String,
        samples: UInt64, wholeShare: Double?, stopReasons: [TalliedReason], advice: String? = nil
    ) {
        self.tgid = tgid
        self.start = start
        self.comm = comm
        self.exe = exe
        self.serviceName = serviceName
        self.cgroup = cgroup
        self.samples = samples
        self.wholeShare = wholeShare
        self.stopReasons = stopReasons
        self.advice = advice
    }
}

/// A reason, what it means, and how often it was met.
package struct TalliedReason: Encodable, Hashable, Sendable {
    /// As in metrics: lower case, one word.
    package var reason: String
    /// One phrase for people.
    package var meaning: String
    package var count: UInt64

    package init(reason: String, meaning: String, count: UInt64) {
        self.reason = reason
        self.meaning = meaning
        self.count = count
    }
}
