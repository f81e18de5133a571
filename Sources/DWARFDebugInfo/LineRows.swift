/// The rows of a line table: which line holds from which address on.
struct LineRows: Sendable {
    struct Row: Sendable {
        /// From its sequence's beginning.
        let distance: UInt32
        let file: UInt32
        let line: UInt32
    }

    /// Rows of code that lies in one piece.
    private struct Sequence: Sendable {
        let start: UInt64
        let rows: Range<Int>
    }

    private var rows: [Row] = []
    private var sequences: [Sequence] = []
    private var ranges = RangeTable()
    /// The sequence being written.
    private var start: UInt64 = 0
    private var firstRow = 0
    private var isOrdered = true

    /// Some ten times those of the largest units.
    private static let maximumRows = 1 << 22

    var byteCount: Int {
        rows.count * MemoryLayout<Row>.stride + ranges.byteCount
            + sequences.count * MemoryLayout<Sequence>.stride
    }

    /// The row of an address: of those at the last address that is not after it, the one that was
    /// written last.
    func row(at address: UInt64) -> Row? {
        for number in ranges.numbers(at: address) {
            let sequence = sequences[Int(number)]
            let distance = address - sequence.start
            let slice = rows[sequence.rows]
            let after = slice.partitioningIndex { UInt64($0.distance) > distance }
            if after > slice.startIndex { return rows[after - 1] }
        }
        return nil
    }

    mutating func append(_ address: UInt64, file: UInt32, line: UInt32) {
        guard rows.count < Self.maximumRows else { return }
        if rows.count == firstRow { start = address }
        // Before the first row, or more than 4 GiB after it, there is no code of the sequence.
        guard address >= start, let distance = UInt32(exactly: address - start) else { return }
        if rows.count > firstRow, let last = rows.last {
            if last.file == file, last.line == line, distance >= last.distance { return }
            if last.distance == distance { rows.removeLast() }
            if last.distance > distance { isOrdered = false }
        }
        rows.append(Row(distance: distance, file: file, line: line))
    }

    /// Ends a sequence. Code that the linker discarded begins at 0 or at the end of the addresses.
    mutating func end(at end: UInt64) {
        defer {
            firstRow = rows.count
            isOrdered = true
        }
        guard rows.count > firstRow, let range = Range(codeFrom: start, to: end) else {
            rows.removeSubrange(firstRow...)
            return
        }
        if !isOrdered { sortSequence() }
        ranges.append(range, number: UInt32(sequences.count))
        sequences.append(Sequence(start: start, rows: firstRow..<rows.count))
    }

    /// To be called after the last `end`.
    mutating func finish() {
        rows.removeSubrange(firstRow...)
        ranges.sort()
    }

    /// Rows of one address stay in their order.
    private mutating func sortSequence() {
        let sorted = rows[firstRow...].enumerated().sorted {
            ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset)
        }
        rows.replaceSubrange(firstRow..., with: sorted.map(\.element))
    }
}

extension ArraySlice {
    /// As `Array.partitioningIndex`; an index of the array that this is a slice of.
    func partitioningIndex(where fits: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = (low + high) / 2
            if fits(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
