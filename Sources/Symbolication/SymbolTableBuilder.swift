import ELFImage
import ImageFiles
import ProfileModel

/// Gathers functions from an image's sources and writes them as a table: one name for each address.
struct SymbolTableBuilder: ~Copyable {
    private struct Symbol {
        let start: UInt64
        /// 0: up to the next symbol, or to the end of the code range.
        let size: UInt64
        /// Higher is better when several symbols begin at one address.
        var rank: UInt8
        /// An offset into the section of names; after that into the pool.
        var name: UInt32
    }

    private var writer: SymbolTableWriter
    private var symbols: [Symbol] = []
    /// Executable sections, sorted by address.
    private let code: [SectionHeader]

    var isEmpty: Bool { symbols.isEmpty }

    /// - Parameter sections: of the image, whose executable ones end functions of unknown size.
    init(_ writer: consuming SymbolTableWriter, sections: [SectionHeader]) {
        self.writer = writer
        code = sections.filter { $0.isExecutable && $0.size > 0 }.sorted { $0.address < $1.address }
    }

    /// Adds the functions of a symbol table section.
    mutating func add(
        _ table: SectionHeader, of file: borrowing ImageFile
    ) throws(ImageError) {
        guard Int(table.link) < file.sections.count else { throw .malformed }
        let strings = file.sections[Int(table.link)]
        var found: [Symbol] = []
        try file.forEachFunction(in: table) { symbol in
            found.append(
                Symbol(
                    start: symbol.address, size: symbol.size, rank: Self.rank(symbol.binding),
                    name: symbol.name))
        }
        // Names are read in their order in the file, in windows: they may be larger than all else.
        found.sort { $0.name < $1.name }
        try file.strings(of: strings, at: found.map(\.name)) { number, name in
            found[number].rank += Self.isPlain(name) ? 1 : 0
        }
        found.sort { ($0.start, $1.rank, $1.size) < ($1.start, $0.rank, $0.size) }
        var best: [Symbol] = []
        for symbol in found where best.last?.start != symbol.start { best.append(symbol) }
        best.sort { $0.name < $1.name }
        var room = max(Self.smallPool, 4 * Int(min(strings.size, Self.largestPool)))
        try file.strings(of: strings, at: best.map(\.name)) { number, name in
            guard name.byteCount > 0, room >= name.byteCount, let place = writer.append(name) else {
                return
            }
            room -= name.byteCount
            var symbol = best[number]
            symbol.name = place
            symbols.append(symbol)
        }
    }

    /// Adds one function.
    ///
    /// - Parameters:
    ///   - size: 0: up to the next function, or to the end of the code.
    ///   - rank: of what begins at one address the highest wins; that of section symbols is 1 to 6.
    mutating func add(name: some StringProtocol, start: UInt64, size: UInt64, rank: UInt8 = 0) {
        guard !name.isEmpty, let place = writer.append(Array(name.utf8).span.bytes) else { return }
        symbols.append(Symbol(start: start, size: size, rank: rank, name: place))
    }

    /// Writes the table. Nil when it cannot be written.
    consuming func finish() -> SymbolTable? {
        symbols.sort { ($0.start, $1.rank, $1.size) < ($1.start, $0.rank, $0.size) }
        var entries: [SymbolTableWriter.Entry] = []
        for (number, symbol) in symbols.enumerated() where entries.last?.start != symbol.start {
            let next = symbols[(number + 1)...].first { $0.start != symbol.start }?.start ?? .max
            let (end, overflow) = symbol.start.addingReportingOverflow(symbol.size)
            let bound =
                symbol.size == 0 ? min(next, codeEnd(after: symbol.start)) : overflow ? .max : end
            guard bound > symbol.start else { continue }
            entries.append(
                SymbolTableWriter.Entry(start: symbol.start, end: bound, name: symbol.name))
        }
        guard let file = writer.finish(entries) else { return nil }
        return SymbolTable(file)
    }

    /// Symbols may share names, and the ends of names: to some degree they do, but a hostile table of
    /// some megabytes would have millions share a long one. A pool up to this size is always fine.
    private static let smallPool = 1 << 20
    /// Sizes of sections are what a file claims.
    private static let largestPool: UInt64 = 1 << 28

    /// Which of several names at one address people know: global over weak over local, then the one
    /// without leading underscores (`malloc`, not `__libc_malloc`), as perf chooses.
    static func rank(_ binding: ELFSymbol.Binding) -> UInt8 {
        switch binding {
        case .global: 5
        case .weak: 3
        case .local: 1
        }
    }

    static func isPlain(_ name: RawSpan) -> Bool {
        guard name.byteCount > 0 else { return false }
        return unsafe name.unsafeLoad(fromByteOffset: 0, as: UInt8.self) != UInt8(ascii: "_")
    }

    /// The end of the section that holds an address; the address itself where none does. Sought by
    /// halves: there can be 65,535 sections, and millions of symbols that ask.
    private func codeEnd(after address: UInt64) -> UInt64 {
        var low = 0
        var high = code.count
        while low < high {
            let middle = (low + high) / 2
            if code[middle].address <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0, address - code[low - 1].address < code[low - 1].size else { return address }
        return code[low - 1].address &+ code[low - 1].size
    }
}
