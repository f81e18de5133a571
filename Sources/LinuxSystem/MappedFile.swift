import Glibc

/// A file mapped for reading. Only for files that nobody else can shorten: reading past the end of one
/// that shrank is a SIGBUS.
///
/// Sendable because the mapping is read only and stays until the one owner goes.
package struct MappedFile: ~Copyable, @unchecked Sendable {
    private let address: UnsafeMutableRawPointer?
    package let byteCount: Int
    /// Whether it is nothing but memory: no directory has it, so it cannot be read again.
    package let isInMemory: Bool

    /// Maps all of a file; the descriptor may be closed afterwards.
    package init(_ file: borrowing OwnedDescriptor) throws(SystemCallError) {
        var status = stat()
        guard unsafe fstat(file.number, &status) == 0 else { throw .last("fstat") }
        let count = Int(status.st_size)
        // There is no mapping of no bytes.
        let found =
            count > 0 ? unsafe mmap(nil, count, PROT_READ, MAP_SHARED, file.number, 0) : nil
        guard unsafe found != MAP_FAILED else { throw .last("mmap") }
        unsafe address = found
        byteCount = count
        isInMemory = status.st_nlink == 0
    }

    deinit { if let address = unsafe address { unsafe munmap(address, byteCount) } }

    /// Lends the bytes.
    package func withBytes<Value>(_ body: (RawSpan) -> Value) -> Value {
        let buffer = unsafe UnsafeRawBufferPointer(
            start: address, count: address == nil ? 0 : byteCount)
        return body(unsafe buffer.bytes)
    }
}
