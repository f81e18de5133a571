/// The store's own encodings are made of these: LEB128 integers and counted byte strings.
extension [UInt8] {
    /// As LEB128: seven bits a byte, the lowest first.
    package mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// For numbers that are never negative.
    package mutating func appendVarint(_ count: Int) {
        appendVarint(UInt64(truncatingIfNeeded: count))
    }

    /// Small magnitudes of either sign stay short: 0, -1, 1, -2… become 0, 1, 2, 3….
    package mutating func appendSigned(_ value: Int64) {
        appendVarint(Self.zigzag(value))
    }

    /// The byte count, then the bytes.
    package mutating func appendCounted(_ bytes: some Collection<UInt8>) {
        appendVarint(bytes.count)
        append(contentsOf: bytes)
    }

    /// As `appendSigned` writes it, before LEB128.
    package static func zigzag(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: value << 1) ^ UInt64(bitPattern: value >> 63)
    }

    /// The opposite of `zigzag`.
    package static func unzigzag(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }
}
