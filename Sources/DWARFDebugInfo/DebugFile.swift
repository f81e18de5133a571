/// One file's debug sections, with a window on each: most reads lie near the one before.
struct DebugFile: Sendable {
    private let source: any DebugSource
    private var windows: [Window]
    /// What reading and parsing in vain cost since `takeCost`, in steps of a `WorkBudget`.
    private var cost = 0

    private struct Window: Sendable {
        let byteCount: UInt64
        var start: UInt64 = 0
        var bytes: [UInt8] = []
    }

    /// What is read at least, where the section has it.
    private static let windowBytes: UInt64 = 16 << 10
    /// Windows begin before what was asked for: references mostly lead backwards.
    private static let alignment: UInt64 = 4 << 10
    /// No file is larger: sums of an offset and a count do not overflow.
    private static let largestSection: UInt64 = 1 << 48
    /// No value that is parsed in one piece, a table of abbreviations or a range list, is longer.
    private static let longestValue: UInt64 = 32 << 20

    init(_ source: any DebugSource) {
        self.source = source
        windows = DebugSection.allCases.map {
            Window(byteCount: min(source.byteCount(of: $0), Self.largestSection))
        }
    }

    func byteCount(of section: DebugSection) -> UInt64 { windows[section.rawValue].byteCount }

    /// What the windows hold in memory.
    var windowBytes: Int { windows.reduce(0) { $0 + $1.bytes.count } }

    /// Bytes of a section, which the caller has bounded.
    func bytes(
        of section: DebugSection, _ range: Range<UInt64>
    ) throws(DWARFError) -> [UInt8] {
        guard range.upperBound <= byteCount(of: section),
            let count = Int(exactly: range.upperBound - range.lowerBound)
        else { throw DWARFError(.truncated, in: section, at: range.lowerBound) }
        guard let bytes = source.bytes(of: section, at: range.lowerBound, count: count),
            bytes.count == count
        else { throw DWARFError(.unreadable, in: section, at: range.lowerBound) }
        return bytes
    }

    /// Parses a value of unknown length, with a cursor that stands at `offset`.
    ///
    /// - Parameters:
    ///   - end: where the value ends at the latest, from the section's beginning.
    ///   - expected: bytes that are probably enough.
    ///   - body: called again, with more bytes, when they end within the value.
    mutating func parse<Value>(
        _ section: DebugSection, at offset: UInt64, before end: UInt64 = .max,
        expecting expected: UInt64 = 512,
        _ body: (inout DebugReader) throws(DWARFError) -> Value
    ) throws(DWARFError) -> Value {
        let end = min(end, byteCount(of: section))
        guard offset < end else { throw DWARFError(.truncated, in: section, at: offset) }
        var count = min(expected, end - offset)
        while true {
            let bytes = try window(on: section, offset..<offset + count)
            let start = Int(offset - windows[section.rawValue].start)
            let stop = Int(min(UInt64(bytes.count), end - windows[section.rawValue].start))
            var reader = DebugReader(
                bytes.span.bytes.extracting(start..<stop), of: section, from: offset)
            do { return try body(&reader) } catch {
                let seen = UInt64(stop - start)
                // An element of a list has two bytes, or some more.
                cost += Int(seen / 4)
                guard error.code == .truncated, seen < end - offset else { throw error }
                guard seen < Self.longestValue else {
                    throw DWARFError(.tooLarge, in: section, at: offset)
                }
                count = min(max(seen, 512) * 4, end - offset)
            }
        }
    }

    /// Gives the windows' memory back.
    mutating func dropWindows() {
        for index in windows.indices { windows[index].bytes = [] }
    }

    mutating func takeCost() -> Int {
        defer { cost = 0 }
        return cost
    }

    /// The window's bytes, moved if they do not hold the range.
    private mutating func window(
        on section: DebugSection, _ range: Range<UInt64>
    ) throws(DWARFError) -> [UInt8] {
        let window = windows[section.rawValue]
        let end = window.start + UInt64(window.bytes.count)
        if window.start <= range.lowerBound, range.upperBound <= end { return window.bytes }
        let start = range.lowerBound & ~(Self.alignment - 1)
        let stop = min(max(range.upperBound, start + Self.windowBytes), window.byteCount)
        let bytes = try bytes(of: section, start..<stop)
        // To read 16 KiB takes as long as some sixty entries.
        cost += 1 + bytes.count / 256
        windows[section.rawValue].start = start
        windows[section.rawValue].bytes = bytes
        return bytes
    }
}
