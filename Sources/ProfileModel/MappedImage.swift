/// Which file a path led to: device and inode, as in `stat(2)` and `/proc/PID/maps`.
package struct FileIdentity: Hashable, Sendable {
    /// `dev_t` as `stat(2)` gives it: glibc's `makedev(major, minor)`.
    package let device: UInt64
    package let inode: UInt64

    package init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }
}

/// An image as a mapping names it. Two mappings of one image are equal in all three.
package struct MappedImage: Hashable, Sendable {
    /// As the process's own mount namespace names it; `[vdso]`, `//anon`, `[heap]`… when no file is behind it.
    package let path: String
    /// As the kernel reported it in `PERF_RECORD_MMAP2`, or as read from the file; nil when unknown.
    package let buildID: BuildID?
    /// Nil when the kernel reported a build ID in its place, or when no file is behind the mapping.
    package let file: FileIdentity?

    package init(path: String, buildID: BuildID? = nil, file: FileIdentity? = nil) {
        self.path = path
        self.buildID = buildID
        self.file = file
    }

    /// Whether a file may be behind it; `//anon`, `[heap]` and the like are a process's own memory.
    package var isFile: Bool {
        path.hasPrefix("/") && !path.hasPrefix("//") || path == "[vdso]"
    }

    /// The last part of the path, as people see it: `libc.so.6`, `[vdso]`.
    package var name: String {
        let path = path.hasSuffix(" (deleted)") ? path.dropLast(10) : path[...]
        guard path.hasPrefix("/"), !path.hasPrefix("//") else { return String(path) }
        return path.split { $0 == "/" }.last.map { String($0) } ?? String(path)
    }
}
