import Glibc

/// The files of one embedded store:
///
///     LOCK                    held while a process has the store open; its pid
///     meta.db                 series and unfinished writes
///     partitions/raw-S.db     six hours of profiles from unix second S on
///     partitions/hour-S.db    seven days of hours, rolled up, from unix second S on
///     partitions/….damaged-N  files that were not what we wrote, set aside
struct StoreDirectory: Sendable {
    let path: String

    var lockPath: String { path + "/LOCK" }
    var metaPath: String { path + "/meta.db" }
    var partitionsPath: String { path + "/partitions" }

    func partitionPath(_ id: PartitionID) -> String { "\(partitionsPath)/\(id.fileName)" }

    /// Makes the directories that are missing, parents included.
    func create() throws(StoreError) {
        var prefix = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            prefix += "/" + part
            try Self.createDirectory(prefix, of: path)
        }
        try Self.createDirectory(partitionsPath, of: path)
    }

    private static func createDirectory(_ directory: String, of path: String) throws(StoreError) {
        guard mkdir(directory, 0o750) != 0 else { return }
        let code = errno
        guard code != EEXIST else { return }
        // A directory above may exist on a read-only file system, where mkdir says EROFS first.
        guard access(directory, F_OK) != 0 else { return }
        throw failure(code, "make the directory", path)
    }

    /// What an operator reads when the directory cannot be used.
    static func failure(_ code: Int32, _ action: String, _ path: String) -> StoreError {
        let reason = unsafe String(cString: strerror(code))
        if code == ENOSPC || code == EDQUOT {
            return StoreError(
                .full,
                "cannot \(action) \(path): \(reason); make room or choose another data directory")
        }
        return StoreError(
            .directory,
            "cannot \(action) \(path): \(reason); choose a data directory this user can write to")
    }

    /// The partition files there are, in order.
    func partitions() throws(StoreError) -> [PartitionID] {
        try names(in: partitionsPath).compactMap { PartitionID(fileName: $0) }.sorted()
    }

    /// Names of files that were damaged, in order; their logs are not counted as files.
    func filesSetAside() throws(StoreError) -> [String] {
        try names(in: partitionsPath).filter { name in
            name.contains(".damaged-") && !name.hasSuffix("-wal") && !name.hasSuffix("-shm")
        }.sorted()
    }

    var hasMeta: Bool { access(metaPath, R_OK) == 0 }

    func hasPartition(_ id: PartitionID) -> Bool { access(partitionPath(id), F_OK) == 0 }

    private func names(in directory: String) throws(StoreError) -> [String] {
        guard let stream = unsafe opendir(directory) else {
            throw Self.failure(errno, "list", directory)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        // Safe because `readdir`'s entry is copied before the next call on this stream.
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// A partition's file, its write-ahead log and shared memory.
    private static func companions(of file: String) -> [String] {
        [file, file + "-wal", file + "-shm"]
    }

    /// Disk blocks allocated to a database and its companions, in bytes.
    static func allocatedBytes(of file: String) -> Int64 {
        companions(of: file).reduce(0) { sum, path in
            var info = stat()
            guard stat(path, &info) == 0 else { return sum }
            return sum + Int64(info.st_blocks) * 512
        }
    }

    /// Disk blocks allocated to everything here, files set aside included, in bytes.
    func allocatedBytes() -> Int64 {
        var sum = Self.allocatedBytes(of: metaPath)
        for name in (try? names(in: partitionsPath)) ?? [] {
            var info = stat()
            if stat("\(partitionsPath)/\(name)", &info) == 0 {
                sum += Int64(info.st_blocks) * 512
            }
        }
        return sum
    }

    /// What unprivileged users may still write, and the file system's size, in bytes.
    func space() -> (free: Int64, total: Int64) {
        var info = statvfs()
        guard statvfs(path, &info) == 0 else { return (.max, .max) }
        func bytes(_ blocks: UInt) -> Int64 {
            let (product, overflow) = UInt64(blocks).multipliedReportingOverflow(
                by: UInt64(info.f_frsize))
            return overflow ? .max : Int64(clamping: product)
        }
        return (bytes(UInt(info.f_bavail)), bytes(UInt(info.f_blocks)))
    }

    func removeDatabase(_ file: String) {
        for path in Self.companions(of: file) { unlink(path) }
    }

    /// Renames a damaged database so that it stays for inspection and is never opened again.
    func setAside(_ file: String) {
        var number = 1
        while access("\(file).damaged-\(number)", F_OK) == 0 { number += 1 }
        for suffix in ["", "-wal", "-shm"] {
            rename(file + suffix, "\(file).damaged-\(number)\(suffix)")
        }
    }

    /// Makes names of new files durable.
    func synchronize() {
        for directory in [path, partitionsPath] {
            let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            fsync(descriptor)
            close(descriptor)
        }
    }
}
