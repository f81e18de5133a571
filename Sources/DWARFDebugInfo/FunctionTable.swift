/// The functions of one unit by address: where their entries are.
struct FunctionTable: Sendable {
    /// Numbers are places in `entries`.
    private var ranges = RangeTable()
    /// From a function's entry to behind its children.
    private var entries: [Range<UInt64>] = []

    /// Functions, also those that the linker discarded.
    var count: Int { entries.count }
    /// Ranges of all of them.
    var rangeCount: Int { ranges.count }
    var byteCount: Int {
        ranges.byteCount + entries.count * MemoryLayout<Range<UInt64>>.stride
    }

    /// Entries of the functions that hold the address, the narrowest first.
    func functions(at address: UInt64) -> [Range<UInt64>] {
        ranges.numbers(at: address).map { entries[Int($0)] }
    }

    /// All code of the unit.
    func forEachRange(_ body: (Range<UInt64>) -> Void) { ranges.forEach(body) }

    /// A function, whose end is told later. Returns its place.
    mutating func append(_ start: UInt64) -> Int {
        entries.append(start..<start)
        return entries.count - 1
    }

    /// Behind the children of a function.
    mutating func end(_ place: Int, at end: UInt64) {
        entries[place] = entries[place].lowerBound..<end
    }

    mutating func append(_ range: Range<UInt64>, of place: Int) {
        ranges.append(range, number: UInt32(place))
    }

    /// To be called before the first look-up.
    mutating func finish() { ranges.sort() }
}
