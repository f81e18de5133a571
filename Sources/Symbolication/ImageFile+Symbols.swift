import ELFImage
import ImageFiles
import ProfileModel

extension ImageFile {
    /// Functions of `.symtab`, or of `.dynsym` when the file was stripped. Empty when it has neither.
    func symbols() throws(ImageError) -> SymbolTable {
        let tables =
            sections.filter { $0.type == SectionHeader.symbolTable }
            + sections.filter { $0.type == SectionHeader.dynamicSymbolTable }
        for table in tables {
            let symbols = try symbols(of: table)
            if !symbols.isEmpty { return symbols }
        }
        return SymbolTable([], strings: [UInt8]().span.bytes) { _ in 0 }
    }

    private func symbols(of table: SectionHeader) throws(ImageError) -> SymbolTable {
        guard Int(table.link) < sections.count else { throw .malformed }
        let strings = sections[Int(table.link)]
        let names = try contents(of: strings)
        let bytes = try contents(of: table)
        var entries: [SymbolTable.Entry] = []
        ELFSymbol.forEachFunction(in: bytes.span.bytes, sections: sections) { symbol in
            entries.append(
                SymbolTable.Entry(
                    start: symbol.address, size: symbol.size,
                    rank: Self.rank(symbol, in: names.span.bytes), name: symbol.name))
        }
        let ranges = sections.filter { $0.isExecutable && $0.size > 0 }.sorted {
            $0.address < $1.address
        }
        return SymbolTable(entries, strings: names.span.bytes) { Self.end(of: ranges, holding: $0) }
    }

    /// The end of the section that holds an address; the address itself where none does. Sought by
    /// halves: there can be 65,535 sections, and millions of symbols that ask.
    private static func end(of sections: [SectionHeader], holding address: UInt64) -> UInt64 {
        var low = 0
        var high = sections.count
        while low < high {
            let middle = (low + high) / 2
            if sections[middle].address <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0, address - sections[low - 1].address < sections[low - 1].size else {
            return address
        }
        return sections[low - 1].address &+ sections[low - 1].size
    }

    /// Which of several names at one address people know: global over weak over local, then the one
    /// without leading underscores (`malloc`, not `__libc_malloc`), as perf chooses.
    private static func rank(_ symbol: ELFSymbol, in names: RawSpan) -> UInt8 {
        let binding: UInt8 =
            switch symbol.binding {
            case .global: 4
            case .weak: 2
            case .local: 0
            }
        let offset = Int(symbol.name)
        guard offset < names.byteCount else { return binding }
        let first = unsafe names.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        return binding + (first == UInt8(ascii: "_") ? 0 : 1)
    }
}
