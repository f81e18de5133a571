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
    /// What its sampled code lies in, and where the names of it come from.
    package var images: [ImageReport]

    package init(
        tgid: UInt32, start: Int64, comm: String, exe: String, serviceName: String, cgroup: String,
        samples: UInt64, wholeShare: Double?, stopReasons: [TalliedReason], advice: String? = nil,
        images: [ImageReport] = []
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
        self.images = images
    }
}

/// A program or library of a process, and how its code gets names.
package struct ImageReport: Encodable, Hashable, Sendable {
    /// As the process's own mount namespace names it.
    package var path: String
    /// Hexadecimal; nil when the image has none.
    package var buildId: String?
    /// `symtab`, `gnu-debugdata`, `debug-file`, `dynsym`, `gopclntab`, `vdso`, `runtime` or `none`.
    package var names: String
    /// The debug file they are from; nil when they are the image's own.
    package var namesFrom: String?
    /// Whether lines and inlined functions are known.
    package var hasLines: Bool
    /// Why the image could not be read; nil when it was.
    package var problem: String?
    /// What would give it more names; nil when they are all there.
    package var advice: String?

    package init(
        path: String, buildId: String?, names: String, namesFrom: String?, hasLines: Bool,
        problem: String?, advice: String?
    ) {
        self.path = path
        self.buildId = buildId
        self.names = names
        self.namesFrom = namesFrom
        self.hasLines = hasLines
        self.problem = problem
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
