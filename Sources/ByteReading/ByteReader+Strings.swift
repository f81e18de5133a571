import Glibc

extension ByteReader {
    /// A zero-terminated string of at most `limit` bytes; bytes that are not UTF-8 are replaced.
    package mutating func readCString(limit: Int) throws(ReadError) -> String {
        let start = offset
        var text: [UInt8] = []
        while text.count <= limit {
            guard !isAtEnd else { break }
            let byte = try read(UInt8.self)
            if byte == 0 { return String(decoding: text, as: UTF8.self) }
            text.append(byte)
        }
        throw ReadError(.unterminatedString, at: start)
    }

    /// Lends the bytes up to a zero, which is read too.
    @_lifetime(copy self)
    package mutating func readTerminatedBytes() throws(ReadError) -> RawSpan {
        let start = offset
        let rest = try readBytes(UInt64(remaining))
        guard let end = rest.firstIndex(of: 0) else {
            try seek(to: UInt64(start))
            throw ReadError(.unterminatedString, at: start)
        }
        try seek(to: UInt64(start + end + 1))
        return rest.extracting(first: end)
    }
}

extension RawSpan {
    /// Where a byte is first.
    package func firstIndex(of byte: UInt8) -> Int? {
        unsafe withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress,
                let found = unsafe memchr(start, Int32(byte), buffer.count)
            else { return nil }
            return unsafe start.distance(to: UnsafeRawPointer(found))
        }
    }
}
