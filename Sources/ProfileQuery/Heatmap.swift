package import ProfileModel

/// CPU over time in cells: columns are steps of time, rows parts of a step or CPUs.
package struct Heatmap: Hashable, Sendable {
    /// What rows are.
    package enum Rows: Hashable, Sendable {
        /// Equal parts of a column's time, the earliest first: shows bursts and rhythms within a
        /// step, as a second in fiftieths.
        case parts(Int)
        /// CPUs with samples in the range, by number.
        case cpus
    }

    /// Where the first column begins: a multiple of the step, at or before the range's start.
    package let start: Timestamp
    package let stepMilliseconds: Int64
    package let columns: Int
    /// The row's CPU; empty when rows are parts of a step.
    package private(set) var cpus: [UInt32] = []
    /// Nanoseconds of CPU by row, then column.
    package private(set) var values: [[Int64]] = []

    private let rows: Rows
    /// Cells there may be.
    private let limit: Int

    /// All zero. `range` must lie between 1970 and 2106. Throws `.invalid` and `.tooMuch`.
    init(
        range: TimeRange, stepMilliseconds step: Int64, rows: Rows, limit: Int
    ) throws(QueryError) {
        guard (1...1 << 40).contains(step) else {
            throw QueryError(.invalid, "a step is one millisecond at least", parameter: "step")
        }
        let first = range.start.milliseconds / step * step
        let columns = (range.end.milliseconds - first) / step + 1
        self.limit = limit
        self.rows = rows
        start = Timestamp(milliseconds: first)
        stepMilliseconds = step
        self.columns = Int(columns)
        guard case .parts(let count) = rows else {
            try check(rows: 1)
            return
        }
        guard count >= 1, Int64(count) <= step * 1000 else {
            throw QueryError(
                .invalid, "a step of \(step) ms has no \(count) rows of a microsecond at least",
                parameter: "rows")
        }
        try check(rows: count)
        values = Array(repeating: Array(repeating: 0, count: self.columns), count: count)
    }

    private func check(rows: Int) throws(QueryError) {
        guard columns <= limit / rows else {
            throw QueryError(
                .tooMuch,
                "\(columns) columns of \(rows) rows are more than \(limit) cells; use a longer step",
                parameter: "step")
        }
    }

    /// Adds to the cell of a time, in microseconds, that lies in the range.
    mutating func add(_ value: Int64, at time: Int64, cpu: UInt32) throws(QueryError) {
        let step = stepMilliseconds * 1000
        let distance = time - start.milliseconds * 1000
        let column = Int(distance / step)
        switch rows {
        case .parts(let count):
            values[Int(distance % step * Int64(count) / step)][column] += value
        case .cpus:
            values[try row(of: cpu)][column] += value
        }
    }

    private mutating func row(of cpu: UInt32) throws(QueryError) -> Int {
        let row = cpus.firstIndex { $0 >= cpu } ?? cpus.count
        if row < cpus.count, cpus[row] == cpu { return row }
        try check(rows: cpus.count + 1)
        cpus.insert(cpu, at: row)
        values.insert(Array(repeating: 0, count: columns), at: row)
        return row
    }
}
