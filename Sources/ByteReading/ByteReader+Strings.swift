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
}
