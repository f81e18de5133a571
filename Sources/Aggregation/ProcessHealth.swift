package import ProfileModel

/// How well one process is profiled: what share of its stacks is whole, and why others are not.
package struct ProcessHealth: Sendable {
    package private(set) var samples: UInt64 = 0
    /// Samples whose user stack reached the root, or that had none to walk.
    package private(set) var whole: UInt64 = 0
    package private(set) var cut: [StopReason: UInt64] = [:]

    /// The cgroups of the latest sample; 0 where there is none.
    package private(set) var cgroupID: UInt64 = 0
    package private(set) var cgroup1ID: UInt64 = 0

    package init() {}

    package mutating func count(_ sample: Sample) {
        samples += 1
        cgroupID = sample.cgroupID
        cgroup1ID = sample.cgroup1ID
        guard sample.userStop.isComplete else {
            cut[sample.userStop, default: 0] += 1
            return
        }
        whole += 1
    }

    /// Reasons for cut stacks, the most frequent first.
    package var topReasons: [(reason: StopReason, samples: UInt64)] {
        cut.map { ($0.key, $0.value) }.sorted { $0.1 > $1.1 }
    }
}
