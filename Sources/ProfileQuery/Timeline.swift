package import ProfileModel

/// Sums at equal steps of time.
package struct Timeline: Hashable, Sendable {
    /// Where the first step begins: a multiple of the step, at or before the range's start.
    package let start: Timestamp
    package let stepSeconds: Int64
    /// What windows starting in each step add up to, in the profile type's unit; 0 where there are none.
    package var values: [Int64]

    /// The sum of all steps; saturates.
    package var total: Int64 {
        values.reduce(0) { sum, next in
            let (result, overflow) = sum.addingReportingOverflow(next)
            return overflow ? .max : result
        }
    }

    /// All zero. `range` must lie between 1970 and 2106.
    init(range: TimeRange, stepSeconds: Int64) {
        let step = stepSeconds * 1000
        let first = range.start.milliseconds / step * step
        start = Timestamp(milliseconds: first)
        self.stepSeconds = stepSeconds
        values = Array(repeating: 0, count: Int((range.end.milliseconds - first) / step + 1))
    }

    /// Adds a window's total to the step in which it began.
    mutating func add(_ value: Int64, at time: Timestamp) {
        let index = (time.milliseconds - start.milliseconds) / (stepSeconds * 1000)
        guard time >= start, values.indices.contains(Int(index)) else { return }
        let (sum, overflow) = values[Int(index)].addingReportingOverflow(value)
        values[Int(index)] = overflow ? .max : sum
    }

    /// Makes sums averages; `counts` has the same steps.
    mutating func divide(by counts: Timeline) {
        for index in values.indices where counts.values[index] > 0 {
            values[index] /= counts.values[index]
        }
    }

    /// The step Pyroscope's clients expect: the range ÷ 1500, moved to the nearest step people read
    /// easily, 15 seconds at least.
    package static func step(for range: TimeRange) -> Int64 {
        let (length, overflow) = range.end.milliseconds.subtractingReportingOverflow(
            range.start.milliseconds)
        let wanted = overflow ? Int64.max : length / 1_500
        var nearest = ladder[0]
        for step in ladder where abs(step * 1000 - wanted) <= abs(nearest * 1000 - wanted) {
            nearest = step
        }
        return nearest
    }

    /// Seconds.
    private static let ladder: [Int64] = [
        15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
        604_800, 2_592_000, 31_536_000,
    ]
}
