import ByteReading

/// A segment: a part of the file as the loader sees it (System V ABI, "Program Header").
package struct ProgramHeader: Hashable, Sendable {
    /// PT_LOAD 1, PT_NOTE 4, …
    package let type: UInt32
    /// PF_X 1, PF_W 2, PF_R 4.
    package let flags: UInt32
    package let offset: UInt64
    package let address: UInt64
    package let fileSize: UInt64
    package let memorySize: UInt64

    package static let byteCount = 56
    package static let load: UInt32 = 1
    package static let note: UInt32 = 4
    /// PT_GNU_EH_FRAME: `.eh_frame_hdr` (LSB 5, §10.6.2).
    package static let callFrames: UInt32 = 0x6474_e550

    package var isExecutable: Bool { flags & 1 != 0 }

    /// Parses a whole table, as `ELFHeader.programHeaders` describes it.
    package static func parse(
        _ bytes: RawSpan, table: ELFHeader.Table
    ) throws(ELFError) -> [ProgramHeader] {
        var headers: [ProgramHeader] = []
        for index in 0..<table.count {
            var reader = ByteReader(bytes)
            do {
                try reader.seek(to: UInt64(index * table.entrySize))
                let type: UInt32 = try reader.read()
                let flags: UInt32 = try reader.read()
                let offset: UInt64 = try reader.read()
                let address: UInt64 = try reader.read()
                try reader.skip(8)  // p_paddr
                headers.append(
                    ProgramHeader(
                        type: type, flags: flags, offset: offset, address: address,
                        fileSize: try reader.read(), memorySize: try reader.read()))
            } catch {
                throw ELFError(.truncated, at: UInt64(index * table.entrySize))
            }
        }
        return headers
    }
}
