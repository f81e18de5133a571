import ELFImage
import ImageFiles

extension VirtualLibrary {
    /// Its segments and functions; nil when there is no vDSO, or it is not the ELF image we know.
    static func load() -> (segments: [ProgramHeader], table: SymbolTable)? {
        guard let bytes = contents(),
            let header = try? ELFHeader(parsing: bytes.span.bytes),
            let programs = part(of: bytes, header.programHeaders),
            let segments = try? ProgramHeader.parse(
                programs.span.bytes, table: header.programHeaders),
            let headers = part(of: bytes, header.sectionHeaders),
            let sections = try? SectionHeader.parse(
                headers.span.bytes, table: header.sectionHeaders),
            let dynamic = sections.first(where: { $0.type == SectionHeader.dynamicSymbolTable }),
            Int(dynamic.link) < sections.count,
            let symbols = part(of: bytes, dynamic.offset, dynamic.size),
            let names = part(
                of: bytes, sections[Int(dynamic.link)].offset, sections[Int(dynamic.link)].size)
        else { return nil }
        var entries: [SymbolTable.Entry] = []
        ELFSymbol.forEachFunction(in: symbols.span.bytes, sections: sections) { symbol in
            entries.append(
                SymbolTable.Entry(
                    start: symbol.address, size: symbol.size,
                    rank: symbol.binding == .global ? 1 : 0, name: symbol.name))
        }
        let table = SymbolTable(entries, strings: names.span.bytes) { $0 }
        return (segments, table)
    }

    private static func part(of bytes: [UInt8], _ table: ELFHeader.Table) -> [UInt8]? {
        part(of: bytes, table.offset, UInt64(table.byteCount))
    }

    private static func part(of bytes: [UInt8], _ offset: UInt64, _ count: UInt64) -> [UInt8]? {
        let total = UInt64(bytes.count)
        guard offset <= total, count <= total - offset else { return nil }
        return Array(bytes[Int(offset)..<Int(offset + count)])
    }
}
