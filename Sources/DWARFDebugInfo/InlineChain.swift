/// The function that holds an address, and the functions that were inlined around it.
struct InlineChain {
    /// Outermost first: the function itself, then inlined ones, each in the one before.
    private(set) var entries: [Entry] = []

    /// Deeper ones are cut: their frames are taken for their caller's.
    private static let maximumDepth = 512
    /// Entries of one function, with all that was inlined.
    private static let largestFunction: UInt64 = 16 << 20

    /// Reads a function's entries down to the innermost that holds the address.
    ///
    /// - Parameter function: from its entry to behind its children.
    init(
        at address: UInt64, in function: Range<UInt64>, of unit: Unit, _ files: inout DebugFiles
    ) throws(DWARFError) {
        let table = try files.abbreviations(of: unit)
        guard function.upperBound - function.lowerBound <= Self.largestFunction else {
            throw DWARFError(.tooLarge, in: .information, at: function.lowerBound)
        }
        let bytes = try files.bytes(of: .information, function, in: unit.file)
        var reader = DebugReader(bytes.span.bytes, of: .information, from: function.lowerBound)
        guard let root = try Self.readEntry(&reader, of: unit, table) else { return }
        entries = [root]
        guard root.hasChildren else { return }
        try descend(to: address, &reader, of: unit, table, &files)
    }

    private mutating func descend(
        to address: UInt64, _ reader: inout DebugReader, of unit: Unit,
        _ table: borrowing AbbreviationTable, _ files: inout DebugFiles
    ) throws(DWARFError) {
        // How many lists of children the cursor is inside; that of the innermost found is `floor`.
        var depth = 1
        var floor = 1
        while depth >= floor, !reader.isAtEnd {
            try files.budget.spend(in: .information, at: reader.offset)
            guard let entry = try Self.readEntry(&reader, of: unit, table) else {
                depth -= 1
                continue
            }
            let isInlined = entry.tag == .inlinedSubroutine
            guard isInlined || entry.isBlock, try files.holds(address, entry, of: unit) else {
                try Self.skipChildren(of: entry, &reader, table, &files)
                continue
            }
            if entry.hasChildren { depth += 1 }
            guard isInlined else { continue }
            entries.append(entry)
            guard entry.hasChildren, entries.count < Self.maximumDepth else { return }
            floor = depth
        }
    }

    private static func readEntry(
        _ reader: inout DebugReader, of unit: Unit, _ table: borrowing AbbreviationTable
    ) throws(DWARFError) -> Entry? {
        let start = reader.offset
        guard let abbreviation = try reader.readAbbreviation(of: table) else { return nil }
        return try reader.readEntry(abbreviation, at: start, unit: unit.header.offset, table)
    }

    private static func skipChildren(
        of entry: Entry, _ reader: inout DebugReader, _ table: borrowing AbbreviationTable,
        _ files: inout DebugFiles
    ) throws(DWARFError) {
        guard entry.hasChildren else { return }
        // Back would be a loop.
        if let sibling = entry.sibling, sibling > reader.offset {
            return try reader.seek(to: sibling)
        }
        var depth = 1
        while depth > 0, !reader.isAtEnd {
            try files.budget.spend(in: .information, at: reader.offset)
            guard let abbreviation = try reader.readAbbreviation(of: table) else {
                depth -= 1
                continue
            }
            try reader.skipEntry(abbreviation, table)
            if abbreviation.hasChildren { depth += 1 }
        }
    }
}

extension Entry {
    /// A part of a function in which inlined ones may stand.
    fileprivate var isBlock: Bool {
        switch tag {
        case .lexicalBlock, .tryBlock, .catchBlock: true
        default: false
        }
    }
}

extension DebugFiles {
    /// Whether the entry's code holds the address; a block that does not say where it is may.
    fileprivate mutating func holds(
        _ address: UInt64, _ entry: Entry, of unit: Unit
    ) throws(DWARFError) -> Bool {
        if entry.lowPC == nil, entry.ranges == nil { return entry.tag != .inlinedSubroutine }
        do {
            return try ranges(of: entry, in: unit).contains { $0.contains(address) }
        } catch {
            guard error.code != .tooMuchWork else { throw error }
            return false
        }
    }
}
