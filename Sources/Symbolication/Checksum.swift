import ByteReading

/// Tells a whole file from a torn or damaged one; not from one that somebody made to deceive, who could
/// write the whole file.
enum Checksum {
    /// Four lanes of multiply and fold over eight bytes each, so that some gigabytes a second are read.
    static func of(_ bytes: RawSpan) -> UInt64 {
        var lanes: (UInt64, UInt64, UInt64, UInt64) = (1, 2, 3, 4)
        var offset = 0
        while bytes.byteCount - offset >= 32 {
            lanes.0 = mix(lanes.0, bytes, offset)
            lanes.1 = mix(lanes.1, bytes, offset + 8)
            lanes.2 = mix(lanes.2, bytes, offset + 16)
            lanes.3 = mix(lanes.3, bytes, offset + 24)
            offset += 32
        }
        var sum = [lanes.0, lanes.1, lanes.2, lanes.3].reduce(UInt64(bytes.byteCount), step)
        while offset < bytes.byteCount {
            sum = step(sum, UInt64(unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)))
            offset += 1
        }
        return sum
    }

    private static func mix(_ sum: UInt64, _ bytes: RawSpan, _ offset: Int) -> UInt64 {
        step(sum, unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    private static func step(_ sum: UInt64, _ word: UInt64) -> UInt64 {
        let mixed = (sum ^ word) &* 0x9e37_79b9_7f4a_7c15
        return mixed ^ (mixed >> 32)
    }
}
