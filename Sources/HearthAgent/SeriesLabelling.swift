import Identity
package import LinuxSystem
package import ProcessTracking
package import ProfileModel

/// Decides which samples are wanted, and to which series each belongs.
package protocol SeriesLabelling {
    /// A process began, ended, or became another program. Told twice: as soon as it is read, when
    /// what another CPU did before may not be known yet, and in order of time with the samples.
    mutating func observe(_ event: ProcessEvent)

    /// Whether the sample may be wanted, as far as can be told before its turn.
    func mayWant(_ sample: Sample) -> Bool

    /// The sample's series; nil leaves it out. It depends on nothing but the process, its name, the
    /// thread's name, the cgroups, and what was observed; what is wanted once stays so, with the same
    /// labels, until the window is over: `SeriesMemory` does not ask again.
    mutating func labels(
        of sample: Sample, process: TrackedProcess, cgroups: inout CGroupFilesystem
    ) -> LabelSet?

    /// A window is over: what was remembered for speed may go.
    mutating func forget()
}

/// One series per application and process name: what the store keeps.
struct ApplicationLabelling: SeriesLabelling {
    /// Everything labels depend on.
    private struct Key: Hashable {
        let process: ProcessID
        let command: CommandName
        let cgroupID: UInt64
        let cgroup1ID: UInt64
    }

    private let rules: IdentityRules
    private var known: [Key: LabelSet] = [:]

    init(host: String) { rules = IdentityRules(host: host) }

    mutating func observe(_ event: ProcessEvent) {}

    func mayWant(_ sample: Sample) -> Bool { true }

    mutating func labels(
        of sample: Sample, process: TrackedProcess, cgroups: inout CGroupFilesystem
    ) -> LabelSet? {
        // The process's name, not the thread's: docs/decisions/0001.
        let command = process.command == CommandName("") ? sample.command : process.command
        let key = Key(
            process: process.id, command: command, cgroupID: sample.cgroupID,
            cgroup1ID: sample.cgroup1ID)
        if let labels = known[key] { return labels }
        var paths = cgroups.paths(unifiedID: sample.cgroupID, legacyID: sample.cgroup1ID)
        if cgroups.mounts.unified == nil, let file = try? ProcessFiles(tgid: process.tgid).cgroups()
        {
            // Where cgroup v1 stands alone, systemd's own hierarchy has no controller and so no id.
            paths += file.paths
        }
        let labels = rules.labels(
            for: ProcessFacts(
                command: command, executable: process.executable, cgroupPaths: paths,
                isKernelThread: process.isKernelThread))
        known[key] = labels
        return labels
    }

    mutating func forget() { known = [:] }
}
