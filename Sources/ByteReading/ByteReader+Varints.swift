extension ByteReader {
    /// Unsigned LEB128, which protobuf calls a varint (DWARF 5 §7.6; protobuf encoding guide).
    package mutating func readULEB128() throws(ReadError) -> UInt64 {
        let start = offset
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try read(UInt8.self)
            let bits = UInt64(byte & 0x7f)
            if shift > 63 || (shift == 63 && bits > 1) {
                throw ReadError(.integerTooLong, at: start)
            }
            result |= bits << shift
            if byte & 0x80 == 0 { return result }
            shift += 7
        }
    }

    /// Signed LEB128 (DWARF 5 §7.6).
    package mutating func readSLEB128() throws(ReadError) -> Int64 {
        let start = offset
        var result: Int64 = 0
        var shift: Int64 = 0
        while true {
            let byte = try read(UInt8.self)
            guard shift <= 63 else { throw ReadError(.integerTooLong, at: start) }
            result |= Int64(byte & 0x7f) << shift
            shift += 7
            if byte & 0x80 == 0 {
                if shift < 64 && byte & 0x40 != 0 { result |= -1 << shift }
                return result
            }
        }
    }
}
