private import CLinuxShims
import Glibc

/// One mounted cgroup hierarchy and the paths found in it so far.
struct CGroupHierarchy: ~Copyable {
    private let mount: CGroupMounts.Mount
    private let directory: OwnedDescriptor
    /// Nil as a value: the cgroup was gone when we first asked.
    private var known: RecentlyUsed<UInt64, String?>
    private var mayOpenHandles: Bool
    private var lastWalk: UInt64?

    /// Directories that one walk visits at most.
    private static let walkLimit = 1 << 17
    private static let nanosecondsBetweenWalks: UInt64 = 1_000_000_000

    /// Without `mayOpenHandles`, or without CAP_DAC_READ_SEARCH, unknown ids are looked for by
    /// walking the tree, once a second at most.
    init(
        _ mount: CGroupMounts.Mount, limit: Int, mayOpenHandles: Bool = true
    ) throws(SystemCallError) {
        self.mount = mount
        self.mayOpenHandles = mayOpenHandles
        directory = try OwnedDescriptor(
            opening: mount.mountPoint, flags: O_RDONLY | O_DIRECTORY)
        known = RecentlyUsed(limit: limit)
    }

    mutating func path(of id: UInt64) -> String? {
        guard id != 0 else { return nil }
        if let path = known.value(for: id) { return path }
        if mayOpenHandles {
            do {
                let path = try openedPath(id)
                known.set(path, for: id)
                return path
            } catch  where error.errno == EPERM {
                mayOpenHandles = false  // CAP_DAC_READ_SEARCH is missing: walk instead.
            } catch {
                known.set(nil, for: id)
                return nil
            }
        }
        if let lastWalk, Clock.monotonic < lastWalk + Self.nanosecondsBetweenWalks { return nil }
        learnAll()
        return known.value(for: id) ?? nil
    }

    private func openedPath(_ id: UInt64) throws(SystemCallError) -> String? {
        let number = shim_open_cgroup(directory.number, id)
        guard number >= 0 else { throw .last("open_by_handle_at") }
        let opened = OwnedDescriptor(owning: number)
        let absolute = try ProcessFiles.linkTarget("/proc/self/fd/\(opened.number)")
        return mount.cgroupPath(absolute: absolute)
    }

    /// Visits every directory; a cgroup's id is its inode number.
    mutating func learnAll() {
        lastWalk = Clock.monotonic
        var status = stat()
        if unsafe fstat(directory.number, &status) == 0 { learn(status.st_ino, mount.mountPoint) }
        var pending = [mount.mountPoint]
        var visited = 0
        while let parent = pending.popLast(), visited < Self.walkLimit {
            visited += 1
            for child in Self.directories(in: parent) {
                let path = "\(parent)/\(child.name)"
                learn(child.inode, path)
                pending.append(path)
            }
        }
    }

    private mutating func learn(_ inode: ino_t, _ absolute: String) {
        guard let path = mount.cgroupPath(absolute: absolute) else { return }
        known.set(path, for: UInt64(inode))
    }

    private static func directories(in path: String) -> [(inode: ino_t, name: String)] {
        guard let stream = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(stream) }
        var found: [(inode: ino_t, name: String)] = []
        while let entry = unsafe readdir(stream) {
            guard unsafe Int(entry.pointee.d_type) == Int(DT_DIR) else { continue }
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { unsafe found.append((entry.pointee.d_ino, name)) }
        }
        return found
    }
}
