import Glibc

/// Sole use of a data directory, for as long as this value lives; the kernel ends it with the process.
struct DirectoryLock: ~Copyable, Sendable {
    private let descriptor: Int32

    /// Throws `.busy` when another process, or another store of this one, has the directory.
    init(_ directory: StoreDirectory) throws(StoreError) {
        let file = open(directory.lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard file >= 0 else {
            throw StoreDirectory.failure(errno, "write to", directory.path)
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = Self.readHolder(file)
            close(file)
            guard code == EWOULDBLOCK else {
                throw StoreDirectory.failure(code, "lock", directory.path)
            }
            throw StoreError(.busy, "another hearth uses \(directory.path) (pid \(holder))")
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(file, 0) == 0, unsafe pwrite(file, text, text.count, 0) == text.count else {
            let code = errno
            close(file)
            throw StoreDirectory.failure(code, "write to", directory.path)
        }
        descriptor = file
    }

    private static func readHolder(_ file: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = unsafe pread(file, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(count, 0)).prefix { (48...57).contains($0) }
        return digits.isEmpty ? "unknown" : String(decoding: digits, as: UTF8.self)
    }

    deinit {
        // Closing alone is not enough: a child between fork and exec has the descriptor too.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
