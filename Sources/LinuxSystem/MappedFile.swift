import Glibc
package import ProfileModel

/// A regular file mapped read-only, unmapped when its owner goes.
///
/// Anything but a regular file is refused (a FIFO would block, a device would lie about its size).
/// The file may shrink while it is mapped: reading past its new end raises SIGBUS, so images of
/// processes nobody trusts are copied out with `contents(limit:)` instead of being parsed in place.
package struct MappedFile: ~Copyable, Sendable {
    private nonisolated(unsafe) let start: UnsafeRawPointer?  // Safe because it is never written.
    private let count: Int
    /// Which file it was when it was opened.
    package let identity: FileIdentity

    /// Opens and maps the whole file. Throws `EFBIG` when it is larger than `limit` bytes.
    package init(path: String, limit: Int = 1 << 32) throws(SystemCallError) {
        let file = try OwnedDescriptor(opening: path, flags: O_RDONLY | O_NONBLOCK)
        self = try MappedFile(descriptor: file, path: path, limit: limit)
    }

    /// Maps an open file; `path` is for errors only.
    package init(
        descriptor: borrowing OwnedDescriptor, path: String, limit: Int = 1 << 32
    ) throws(SystemCallError) {
        var status = stat()
        guard unsafe fstat(descriptor.number, &status) == 0 else { throw .last("fstat", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SystemCallError("map (not a regular file)", path, errno: EINVAL)
        }
        guard status.st_size <= limit else { throw SystemCallError("map", path, errno: EFBIG) }
        let size = Int(status.st_size)
        let identity = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        var address: UnsafeMutableRawPointer?
        if size > 0 {
            unsafe address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor.number, 0)
            if unsafe address == MAP_FAILED { throw .last("mmap", path) }
        }
        self = unsafe MappedFile(address: address, size: size, identity: identity)
    }

    private init(address: UnsafeMutableRawPointer?, size: Int, identity: FileIdentity) {
        unsafe start = UnsafeRawPointer(address)
        count = size
        self.identity = identity
    }

    deinit {
        if let start = unsafe start {
            unsafe munmap(UnsafeMutableRawPointer(mutating: start), count)
        }
    }

    /// The file's bytes, borrowed from the mapping.
    package var bytes: RawSpan {
        @_lifetime(borrow self)
        borrowing get {
            let buffer = unsafe UnsafeRawBufferPointer(start: start, count: count)
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: buffer), borrowing: self)
        }
    }
}
