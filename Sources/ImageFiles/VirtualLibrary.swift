import ELFImage
import LinuxSystem

/// The vDSO: code the kernel maps into every process, in no file. One kernel has one for all 64-bit
/// processes, so ours tells every process's names.
enum VirtualLibrary {
    static func load() -> (segments: [ProgramHeader], table: SymbolTable)? {
        guard let maps = try? OwnedDescriptor.contents(of: "/proc/self/maps"),
            let range = range(in: String(decoding: maps, as: UTF8.self)),
            let start = unsafe UnsafeRawPointer(bitPattern: UInt(range.lowerBound)),
            let bytes = Optional(
                unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: range.count))),
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

    /// Where `[vdso]` lies in a /proc/PID/maps text.
    private static func range(in maps: String) -> Range<Int>? {
        guard let line = maps.split(separator: "\n").first(where: { $0.hasSuffix("[vdso]") }) else {
            return nil
        }
        let ends = line.prefix { $0 != " " }.split(separator: "-").compactMap { Int($0, radix: 16) }
        guard ends.count == 2, ends[0] < ends[1], ends[1] - ends[0] <= 1 << 20 else { return nil }
        return ends[0]..<ends[1]
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
