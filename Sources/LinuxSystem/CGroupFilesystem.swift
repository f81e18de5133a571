/// Finds the paths of cgroups by their kernfs ids, and remembers them after the cgroups are gone.
///
/// An id is never given to a second cgroup while the machine runs, so what was found once stays
/// true. Confined to one thread.
package struct CGroupFilesystem: ~Copyable {
    package let mounts: CGroupMounts
    private var unified: CGroupHierarchy?
    private var legacy: CGroupHierarchy?

    /// Opens what is mounted; a hierarchy that cannot be opened is treated as absent.
    ///
    /// `limit` bounds the paths remembered per hierarchy, about 300 bytes each.
    package init(mounts: CGroupMounts, limit: Int = 1 << 14) {
        self.mounts = mounts
        unified = mounts.unified.flatMap { try? CGroupHierarchy($0, limit: limit) }
        // BPF tells the `pids` cgroup, or the `memory` one where the kernel has no `pids`. On
        // machines that have that controller in v2 the id adds nothing to the v2 id.
        let kernel = try? OwnedDescriptor.contents(of: "/proc/cgroups", limit: 1 << 16)
        let hasPids = String(decoding: kernel ?? [], as: UTF8.self).contains("\npids\t")
        legacy = mounts.legacy[hasPids ? "pids" : "memory"].flatMap {
            try? CGroupHierarchy($0, limit: limit)
        }
    }

    /// The path of a cgroup v2 id from the root of the hierarchy, such as
    /// `/system.slice/nginx.service`; nil when it was gone before anybody asked.
    package mutating func path(unifiedID id: UInt64) -> String? { unified?.path(of: id) }

    /// The path of a kernfs id in the v1 hierarchy that samples speak of (`Sample.cgroup1ID`).
    package mutating func path(legacyID id: UInt64) -> String? { legacy?.path(of: id) }

    /// Both paths of a sample's process, v2 first, those that are known.
    package mutating func paths(unifiedID: UInt64, legacyID: UInt64) -> [String] {
        [path(unifiedID: unifiedID), path(legacyID: legacyID)].compactMap { $0 }
    }

    /// Learns every cgroup there is now, so that they are known even if they go before their first
    /// sample is looked at. Reads every directory of the hierarchies once.
    package mutating func learnAll() {
        unified?.learnAll()
        legacy?.learnAll()
    }
}
