private import CLinuxShims
import Glibc

/// A file descriptor with one owner, closed when the owner goes.
package struct OwnedDescriptor: ~Copyable, Sendable {
    /// Borrowed for calls; do not close it.
    package let number: Int32

    /// Takes over an open descriptor.
    package init(owning number: Int32) { self.number = number }

    /// Opens an existing file; `O_CLOEXEC` is always added.
    package init(opening path: String, flags: Int32 = O_RDONLY) throws(SystemCallError) {
        while true {
            let number = unsafe shim_open(path, flags | O_CLOEXEC)
            if number >= 0 {
                self.number = number
                return
            }
            guard errno == EINTR else { throw .last("open", path) }
        }
    }

    /// Makes a file that is not there yet; `O_CLOEXEC`, `O_CREAT` and `O_EXCL` are always added.
    package init(
        creating path: String, flags: Int32 = O_RDWR, mode: UInt32
    ) throws(SystemCallError) {
        let number = unsafe shim_create(path, flags | O_CLOEXEC | O_CREAT | O_EXCL, mode)
        guard number >= 0 else { throw .last("open", path) }
        self.number = number
    }

    deinit { close(number) }

    /// Ends the ownership without closing, for C code that closes it itself.
    package consuming func relinquish() -> Int32 {
        let number = self.number
        discard self
        return number
    }

    /// Reads up to `limit` bytes from the current position to the end of the file.
    ///
    /// Meant for /proc and other files without a size. Throws `EFBIG` when the file is longer.
    package borrowing func readAll(limit: Int) throws(SystemCallError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe read(number, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw .last("read")
            }
            guard bytes.count + count <= limit else { throw SystemCallError("read", errno: EFBIG) }
            bytes.append(contentsOf: chunk[0..<count])
        }
    }

    /// The whole of a small file. Throws `EFBIG` when it is longer than `limit` bytes.
    package static func contents(
        of path: String, limit: Int = 1 << 26
    ) throws(SystemCallError) -> [UInt8] {
        let file = try OwnedDescriptor(opening: path)
        do {
            return try file.readAll(limit: limit)
        } catch {
            throw SystemCallError(error.call, path, errno: error.errno)
        }
    }
}

extension OwnedDescriptor {
    /// A file that is nothing but memory (`memfd_create(2)`), holding these bytes.
    package static func memory(
        named name: String, contents: [UInt8]
    ) throws(SystemCallError) -> OwnedDescriptor {
        let number = unsafe shim_memory_file(name)
        guard number >= 0 else { throw .last("memfd_create", name) }
        let file = OwnedDescriptor(owning: number)
        var written = 0
        while written < contents.count {
            let count = unsafe contents.withUnsafeBytes { bytes in
                unsafe Glibc.write(
                    number, bytes.baseAddress.map { unsafe $0 + written }, bytes.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .last("write", name) }
            written += count
        }
        return file
    }
}
