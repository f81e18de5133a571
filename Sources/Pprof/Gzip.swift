import CZlib

/// zlib refused.
package enum GzipError: Error, Hashable, Sendable {
    /// zlib could not be set up: no memory.
    case unavailable
    /// Not gzip, or damaged.
    case malformed
    /// Would unpack to more than was allowed.
    case tooLarge(limit: Int)
}

/// gzip (RFC 1952) over zlib.
package enum Gzip {
    /// 15 bits of window, and 16 more for gzip's header instead of zlib's (zlib.h, deflateInit2).
    private static let windowBits: Int32 = 15 + 16

    package static func compress(_ input: [UInt8], level: Int32 = 6) throws(GzipError) -> [UInt8] {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard
            unsafe deflateInit2_(
                &stream, level, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
                == Z_OK
        else { throw .unavailable }
        defer { unsafe deflateEnd(&stream) }
        let bound = Int(unsafe deflateBound(&stream, UInt(input.count))) + 32
        var input = input
        var output = [UInt8](repeating: 0, count: bound)
        let result = unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                unsafe stream.next_in = source.baseAddress
                stream.avail_in = UInt32(clamping: source.count)
                unsafe stream.next_out = target.baseAddress
                stream.avail_out = UInt32(clamping: target.count)
                return unsafe deflate(&stream, Z_FINISH)
            }
        }
        guard result == Z_STREAM_END else { throw .tooLarge(limit: Int(UInt32.max)) }
        output.removeSubrange(Int(stream.total_out)...)
        return output
    }

    /// Unpacks one gzip member of at most `limit` bytes.
    package static func decompress(_ input: [UInt8], limit: Int) throws(GzipError) -> [UInt8] {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard unsafe inflateInit2_(&stream, windowBits, ZLIB_VERSION, size) == Z_OK else {
            throw .unavailable
        }
        defer { unsafe inflateEnd(&stream) }
        var input = input
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var result = Z_OK
        unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe stream.next_in = source.baseAddress
            stream.avail_in = UInt32(clamping: source.count)
            while result == Z_OK, output.count <= limit {
                result = unsafe chunk.withUnsafeMutableBufferPointer { target in
                    unsafe stream.next_out = target.baseAddress
                    stream.avail_out = UInt32(target.count)
                    return unsafe inflate(&stream, Z_NO_FLUSH)
                }
                output += chunk[..<(chunk.count - Int(stream.avail_out))]
            }
        }
        guard output.count <= limit else { throw .tooLarge(limit: limit) }
        guard result == Z_STREAM_END else { throw .malformed }
        return output
    }
}
