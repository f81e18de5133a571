/// How `.eh_frame` writes an address: a format and what it is relative to (LSB 5 §10.5.1).
struct PointerEncoding: Hashable, Sendable {
    let value: UInt8

    /// An address as it is, in 8 bytes: what `.debug_frame` uses throughout.
    static let absolute = PointerEncoding(value: 0)
}

extension CallFrameReader {
    /// An encoded address as an image address.
    mutating func readAddress(
        _ encoding: PointerEncoding, in section: borrowing CallFrameSection
    ) throws(CallFrameError) -> UInt64 {
        let position = offset
        let value = try readValue(encoding)
        switch encoding.value & 0xf0 {
        case 0x00: return value
        case 0x10: return section.address &+ position &+ value  // DW_EH_PE_pcrel
        case 0x30:  // DW_EH_PE_datarel
            guard let base = section.dataAddress else { fallthrough }
            return base &+ value
        default: throw CallFrameError(.unsupportedEncoding, at: position)
        }
    }

    /// The number alone: what lengths are, which are relative to nothing.
    mutating func readValue(_ encoding: PointerEncoding) throws(CallFrameError) -> UInt64 {
        switch encoding.value & 0x0f {
        case 0x00, 0x04, 0x0c: try read(UInt64.self)
        case 0x01: try readULEB128()
        case 0x02: UInt64(try read(UInt16.self))
        case 0x03: UInt64(try read(UInt32.self))
        case 0x09: UInt64(bitPattern: try readSLEB128())
        case 0x0a: UInt64(bitPattern: Int64(try read(Int16.self)))
        case 0x0b: UInt64(bitPattern: Int64(try read(Int32.self)))
        default: throw CallFrameError(.unsupportedEncoding, at: offset)
        }
    }

    /// Skips a personality routine's address, whatever it is relative to.
    mutating func skipPointer(
        _ encoding: PointerEncoding, in section: borrowing CallFrameSection
    ) throws(CallFrameError) {
        if encoding.value == 0xff { return }  // DW_EH_PE_omit
        if encoding.value & 0x70 == 0x50 {  // DW_EH_PE_aligned
            try skip((0 &- (section.address &+ offset)) & 7)
            return try skip(8)
        }
        _ = try readValue(encoding)
    }
}
