/// Where the cgroup hierarchies are mounted, from `/proc/self/mountinfo` (`proc_pid_mountinfo(5)`).
///
///     36 31 0:33 /  /sys/fs/cgroup/pids rw,relatime shared:9 - cgroup cgroup rw,pids
///     id up dev  root mount point       options     optional - type   source super options
package struct CGroupMounts: Hashable, Sendable {
    /// One mounted hierarchy.
    package struct Mount: Hashable, Sendable {
        package let mountPoint: String
        /// Which directory of the hierarchy the mount point shows: `/` unless somebody bound a part.
        package let root: String

        /// A cgroup's path from the root of its hierarchy; nil when `absolute` is not in the mount.
        package func cgroupPath(absolute: String) -> String? {
            guard absolute.hasPrefix(mountPoint) else { return nil }
            let rest = absolute.dropFirst(mountPoint.count)
            guard rest.isEmpty || rest.hasPrefix("/") else { return nil }
            let path = (root == "/" ? "" : root) + rest
            return path.isEmpty ? "/" : path
        }
    }

    /// The layouts that distributions use.
    package enum Layout: String, Hashable, Sendable {
        case none, legacy, hybrid, unified
    }

    /// The v2 hierarchy.
    package let unified: Mount?
    /// v1 hierarchies by controller; `name=systemd` for systemd's own.
    package let legacy: [String: Mount]

    package var layout: Layout {
        switch (unified, legacy.isEmpty) {
        case (nil, true): .none
        case (nil, false): .legacy
        case (_?, false): .hybrid
        case (_?, true): .unified
        }
    }

    package init(mountInfo text: some StringProtocol) {
        var unified: Mount?
        var legacy: [String: Mount] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else {
                continue
            }
            let mount = Mount(
                mountPoint: Self.unescaped(fields[4]), root: Self.unescaped(fields[3]))
            switch fields[dash + 1] {
            case "cgroup2":
                if Self.isBetter(mount, than: unified) { unified = mount }
            case "cgroup":
                for option in fields[dash + 3].split(separator: ",") {
                    let name = String(option)
                    if Self.isBetter(mount, than: legacy[name]) { legacy[name] = mount }
                }
            default: break
            }
        }
        self.unified = unified
        // The super options name controllers among flags such as `rw` and `xattr`.
        self.legacy = legacy.filter {
            !Self.flags.contains($0.key) && !$0.key.hasPrefix("release_")
        }
    }

    private static let flags: Set<String> = [
        "rw", "ro", "xattr", "noprefix", "clone_children", "cpuset_v2_mode", "favordynmods",
        "seclabel",
    ]

    /// The first mount of a hierarchy wins, unless a later one shows all of it.
    private static func isBetter(_ mount: Mount, than known: Mount?) -> Bool {
        guard let known else { return true }
        return known.root != "/" && mount.root == "/"
    }

    /// Blank, tab, line feed and backslash are written as three octal digits.
    private static func unescaped(_ field: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The mounts this process sees now.
    package static func current() throws(SystemCallError) -> CGroupMounts {
        let bytes = try OwnedDescriptor.contents(of: "/proc/self/mountinfo", limit: 1 << 24)
        return CGroupMounts(mountInfo: String(decoding: bytes, as: UTF8.self))
    }
}
