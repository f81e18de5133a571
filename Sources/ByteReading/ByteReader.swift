/// A cursor over bytes someone else owns. Never traps, whatever the bytes are: every read is bounded.
///
/// Numbers are little-endian, as all supported machines and the formats read with it are. What is done for
/// every number is inlinable: another module would call it through the tables of its number's type.
package struct ByteReader: ~Escapable {
    @usableFromInline let bytes: RawSpan
    /// Position of the next read, from the first byte.
    @usableFromInline package internal(set) var offset: Int = 0

    @inlinable
    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan) { self.bytes = bytes }

    /// Bytes not yet read.
    @inlinable package var remaining: Int { bytes.byteCount - offset }
    @inlinable package var isAtEnd: Bool { remaining == 0 }

    /// Moves to an absolute position; the end itself is allowed.
    package mutating func seek(to position: UInt64) throws(ReadError) {
        guard position <= UInt64(bytes.byteCount) else {
            throw ReadError(.endOfBytes, at: bytes.byteCount)
        }
        offset = Int(position)
    }

    package mutating func skip(_ count: UInt64) throws(ReadError) {
        guard count <= UInt64(remaining) else { throw ReadError(.endOfBytes, at: offset) }
        offset += Int(count)
    }

    /// A fixed-width integer at the cursor.
    @inlinable
    package mutating func read<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type = T.self
    ) throws(ReadError) -> T {
        guard remaining >= MemoryLayout<T>.size else { throw ReadError(.endOfBytes, at: offset) }
        let value = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: T.self)
        offset += MemoryLayout<T>.size
        return T(littleEndian: value)
    }

    /// Lends the next `count` bytes.
    @_lifetime(copy self)
    package mutating func readBytes(_ count: UInt64) throws(ReadError) -> RawSpan {
        guard count <= UInt64(remaining) else { throw ReadError(.endOfBytes, at: offset) }
        let start = offset
        offset += Int(count)
        return bytes.extracting(start..<start + Int(count))
    }

    /// Copies the next `count` bytes.
    package mutating func readArray(_ count: UInt64) throws(ReadError) -> [UInt8] {
        let span = try readBytes(count)
        return [UInt8](copying: span)
    }
}

extension Array<UInt8> {
    /// Copies a span's bytes out.
    package init(copying span: RawSpan) {
        self = unsafe span.withUnsafeBytes { unsafe Array($0) }
    }
}
