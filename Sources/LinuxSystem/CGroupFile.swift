/// The cgroups of a process as `/proc/PID/cgroup` lists them (`cgroups(7)`).
///
///     8:pids:/docker/4f5e…          v1: hierarchy number, its controllers, path
///     1:name=systemd:/system.slice   v1 hierarchy without controllers
///     0::/system.slice/ssh.service   v2
package struct CGroupFile: Hashable, Sendable {
    /// One line of a v1 hierarchy.
    package struct Membership: Hashable, Sendable {
        /// `["cpu", "cpuacct"]`, or `["name=systemd"]`.
        package let controllers: [String]
        package let path: String
    }

    /// The path in the v2 hierarchy; nil when none is mounted or known.
    package let unified: String?
    /// v1 hierarchies, in the file's order.
    package let legacy: [Membership]

    package init(_ text: some StringProtocol) {
        var unified: String?
        var legacy: [Membership] = []
        for line in text.split(separator: "\n") {
            // A path may hold colons: only the first two separate.
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[2].hasPrefix("/") else { continue }
            if parts[0] == "0", parts[1].isEmpty {
                unified = String(parts[2])
            } else {
                let controllers = parts[1].split(separator: ",").map { String($0) }
                legacy.append(Membership(controllers: controllers, path: String(parts[2])))
            }
        }
        self.unified = unified
        self.legacy = legacy
    }

    /// Every different path, v2 first, then systemd's own hierarchy, then the controllers'.
    package var paths: [String] {
        let systemd = legacy.filter { $0.controllers.contains("name=systemd") }
        var seen: Set<String> = []
        return ([unified].compactMap { $0 } + (systemd + legacy).map(\.path)).filter {
            seen.insert($0).inserted
        }
    }
}
