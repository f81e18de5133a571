package import ProfileModel

/// Names the application a process belongs to. Pure: the same facts, the same labels.
///
/// `service_name` is the first of: what its cgroup says (container, systemd unit: `CGroupIdentity`),
/// the executable's name, the thread's name. Kernel threads are the service `kernel`.
package struct IdentityRules: Sendable {
    private let host: String

    /// `host` becomes the label of that name.
    package init(host: String) { self.host = host }

    /// The labels of a process's series: `service_name`, `host`, `comm`, and those of `exe`,
    /// `cgroup`, `container_id`, `systemd_unit`, `k8s_pod_uid` that apply.
    package func labels(for facts: ProcessFacts) -> LabelSet {
        if facts.isKernelThread { return kernelLabels(facts) }
        let (path, identity) = Self.mostSpecific(facts.cgroupPaths)
        let executable = Self.withoutDeletedMark(facts.executable)
        let name = executable.split(separator: "/").last.map { String($0) }
        let command = facts.command.text
        let service = identity.serviceName ?? name ?? (command.isEmpty ? "unknown" : command)
        return LabelSet([
            Label(LabelSet.serviceName, service),
            Label("host", host),
            Label("comm", command),
            Label("exe", executable),
            Label("cgroup", path),
            Label("container_id", identity.containerID ?? ""),
            Label("systemd_unit", identity.systemdUnit ?? ""),
            Label("k8s_pod_uid", identity.podUID ?? ""),
        ])
    }

    /// Workers are told apart by what follows their kind, `kworker/0:1-events`: one series per kind.
    private func kernelLabels(_ facts: ProcessFacts) -> LabelSet {
        let kind = facts.command.text.prefix { $0 != "/" && $0 != ":" }
        return LabelSet([
            Label(LabelSet.serviceName, "kernel"), Label("host", host), Label("comm", String(kind)),
        ])
    }

    /// The path that says most: of a container rather than of a unit rather than of neither, then
    /// the longer one, then the first.
    private static func mostSpecific(
        _ paths: [String]
    ) -> (path: String, identity: CGroupIdentity) {
        var best = (path: "", identity: CGroupIdentity(path: "/"))
        var bestRank = (-1, -1)
        for path in paths {
            let identity = CGroupIdentity(path: path)
            let rank = (identity.specificity, path.split(separator: "/").count)
            if rank > bestRank {
                best = (path, identity)
                bestRank = rank
            }
        }
        return best
    }

    /// The kernel marks the path of a file that has been removed or replaced.
    private static func withoutDeletedMark(_ path: String) -> String {
        path.hasSuffix(" (deleted)") ? String(path.dropLast(10)) : path
    }
}
