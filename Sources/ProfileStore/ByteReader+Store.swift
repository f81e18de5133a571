package import ByteReading

extension ByteReader {
    /// What `appendSigned` wrote.
    package mutating func readSigned() throws(ReadError) -> Int64 {
        [UInt8].unzigzag(try readULEB128())
    }

    /// A count of things that take at least one byte each: so no more than bytes are left.
    package mutating func readCount() throws(ReadError) -> Int {
        let start = offset
        let count = try readULEB128()
        guard count <= UInt64(remaining) else { throw ReadError(.endOfBytes, at: start) }
        return Int(count)
    }

    /// What `appendCounted` wrote.
    package mutating func readCounted() throws(ReadError) -> [UInt8] {
        try readArray(UInt64(try readCount()))
    }

    /// A number that must fit 32 bits.
    package mutating func readUInt32() throws(ReadError) -> UInt32 {
        let start = offset
        guard let value = UInt32(exactly: try readULEB128()) else {
            throw ReadError(.integerTooLong, at: start)
        }
        return value
    }
}
