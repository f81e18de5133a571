import ByteReading

/// A section: a part of the file as the linker sees it (System V ABI, "Sections").
package struct SectionHeader: Hashable, Sendable {
    /// Offset of the name in the section that `ELFHeader.sectionNames` points to.
    package let name: UInt32
    /// SHT_SYMTAB 2, SHT_STRTAB 3, SHT_NOTE 7, SHT_NOBITS 8, SHT_DYNSYM 11, …
    package let type: UInt32
    /// SHF_ALLOC 2, SHF_EXECINSTR 4, SHF_COMPRESSED 0x800, …
    package let flags: UInt64
    package let address: UInt64
    package let offset: UInt64
    package let size: UInt64
    /// Of a symbol table: the index of its string table.
    package let link: UInt32
    package let entrySize: UInt64

    package static let byteCount = 64
    package static let symbolTable: UInt32 = 2
    package static let note: UInt32 = 7
    package static let noBits: UInt32 = 8
    package static let dynamicSymbolTable: UInt32 = 11

    package var isExecutable: Bool { flags & 4 != 0 }
    /// SHF_COMPRESSED
    package var isCompressed: Bool { flags & 0x800 != 0 }

    /// Parses a whole table, as `ELFHeader.sectionHeaders` describes it.
    package static func parse(
        _ bytes: RawSpan, table: ELFHeader.Table
    ) throws(ELFError) -> [SectionHeader] {
        var headers: [SectionHeader] = []
        for index in 0..<table.count {
            var reader = ByteReader(bytes)
            do {
                try reader.seek(to: UInt64(index * table.entrySize))
                let name: UInt32 = try reader.read()
                let type: UInt32 = try reader.read()
                let flags: UInt64 = try reader.read()
                let address: UInt64 = try reader.read()
                let offset: UInt64 = try reader.read()
                let size: UInt64 = try reader.read()
                let link: UInt32 = try reader.read()
                try reader.skip(12)  // sh_info, sh_addralign
                headers.append(
                    SectionHeader(
                        name: name, type: type, flags: flags, address: address, offset: offset,
                        size: size, link: link, entrySize: try reader.read()))
            } catch {
                throw ELFError(.truncated, at: UInt64(index * table.entrySize))
            }
        }
        return headers
    }
}
