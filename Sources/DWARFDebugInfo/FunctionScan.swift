/// Finds the functions of a unit: reads its entries once, from the first to the last, in pieces.
///
/// Function bodies are not passed over: GCC puts the methods of local classes, lambdas among them,
/// where the class stands.
struct FunctionScan {
    private let unit: Unit
    private let table: AbbreviationTable
    private var functions = FunctionTable()
    /// Where the next entry begins, and how many entries it lies inside.
    private var position: UInt64
    private var depth = 0
    /// Functions that are not over, outermost first.
    private var open: [(place: Int, depth: Int)] = []
    /// Functions of the current piece, whose ranges are yet to be read.
    private var found: [(entry: Entry, place: Int)] = []

    private static let pieceBytes: UInt64 = 256 << 10
    /// No entry is longer.
    private static let largestPiece: UInt64 = 64 << 20
    /// Functions of a unit, and their ranges; those of the largest units are a tenth.
    private static let maximumFunctions = 1 << 21
    /// Real ones nest some ten deep, types in namespaces in functions some thirty.
    private static let maximumDepth = 1 << 12

    /// Also reads the functions' ranges. Functions whose ranges are malformed are left out.
    static func functions(
        of unit: Unit, in files: inout DebugFiles
    ) throws(DWARFError) -> FunctionTable {
        var scan = FunctionScan(unit, try files.abbreviations(of: unit))
        try scan.run(&files)
        return scan.functions
    }

    private init(_ unit: Unit, _ table: AbbreviationTable) {
        self.unit = unit
        self.table = table
        position = unit.header.root
    }

    private mutating func run(_ files: inout DebugFiles) throws(DWARFError) {
        var size = Self.pieceBytes
        var isOver = false
        while !isOver, position < unit.header.end {
            let end = min(position + size, unit.header.end)
            let bytes = try files.bytes(of: .information, position..<end, in: unit.file)
            let start = position
            let reader = DebugReader(bytes.span.bytes, of: .information, from: start)
            let count: Int
            (count, isOver) = try scan(reader, isLast: end == unit.header.end)
            try files.budget.spend(count, in: .information, at: start)
            try readRanges(&files)
            guard position == start else {
                size = Self.pieceBytes
                continue
            }
            guard size < Self.largestPiece else {
                throw DWARFError(.tooLarge, in: .information, at: start)
            }
            size *= 4
        }
        for (place, _) in open { functions.end(place, at: position) }
        functions.finish()
    }

    /// Reads the entries of a piece, up to one that does not end in it; that is an error in the last.
    ///
    /// - Returns: entries read, and whether the root's children are over.
    private mutating func scan(
        _ piece: consuming DebugReader, isLast: Bool
    ) throws(DWARFError) -> (count: Int, isOver: Bool) {
        var count = 0
        while !piece.isAtEnd {
            do {
                try scanEntry(&piece)
            } catch {
                guard error.code == .truncated, !isLast else { throw error }
                break
            }
            position = piece.offset
            count += 1
            if depth == 0 { return (count, true) }
        }
        return (count, false)
    }

    private mutating func scanEntry(_ piece: inout DebugReader) throws(DWARFError) {
        let start = piece.offset
        guard let abbreviation = try piece.readAbbreviation(of: table) else {
            depth -= 1
            while let last = open.last, last.depth == depth {
                functions.end(last.place, at: piece.offset)
                open.removeLast()
            }
            return
        }
        if abbreviation.tag == .subprogram, abbreviation.hasCode {
            let entry = try piece.readEntry(
                abbreviation, at: start, unit: unit.header.offset, table)
            guard functions.count < Self.maximumFunctions else { throw piece.error(.tooLarge) }
            let place = functions.append(start)
            found.append((entry, place))
            if abbreviation.hasChildren {
                open.append((place, depth))
            } else {
                functions.end(place, at: piece.offset)
            }
        } else {
            try piece.skipEntry(abbreviation, table)
        }
        if abbreviation.hasChildren {
            guard depth < Self.maximumDepth else { throw piece.error(.tooDeep) }
            depth += 1
        }
    }

    private mutating func readRanges(_ files: inout DebugFiles) throws(DWARFError) {
        for (entry, place) in found {
            do throws(DWARFError) {
                let ranges = try files.ranges(of: entry, in: unit)
                guard functions.rangeCount + ranges.count <= Self.maximumFunctions else {
                    throw DWARFError(.tooLarge, in: .information, at: entry.offset)
                }
                for range in ranges { functions.append(range, of: place) }
            } catch {
                guard error.code != .tooMuchWork, error.code != .tooLarge else { throw error }
            }
        }
        found.removeAll(keepingCapacity: true)
    }
}
