import ProfileModel

/// Steps that end at start, start + step, … up to end, each including its right edge and not its left:
/// how Pyroscope's `SelectSeries` divides time.
struct PointSteps: Sendable {
    private let start: Int64
    private let end: Int64
    private let step: Int64

    /// The range must lie between 1970 and 2106. Throws `.invalid` for a step below 1 ms.
    init(_ range: TimeRange, stepMilliseconds: Int64, limit: Int) throws(QueryError) {
        guard stepMilliseconds >= 1 else {
            throw QueryError(.invalid, "a step is at least one millisecond", parameter: "step")
        }
        start = range.start.milliseconds
        end = range.end.milliseconds
        // Longer than all time that can be stored, and short enough for arithmetic.
        step = min(stepMilliseconds, 1 << 43)
        guard (end - start) / step < Int64(limit) else {
            throw QueryError(
                .tooMuch,
                "a step of \(stepMilliseconds) ms makes more than \(limit) points; use a longer step",
                parameter: "step")
        }
    }

    /// What has to be read: from one step before the start.
    var range: TimeRange? { range(from: 0, to: end) }

    /// Which step a window belongs to; nil when it lies in none.
    func index(of time: Timestamp) -> Int? {
        let time = time.milliseconds
        guard time > start - step, time <= end else { return nil }
        let index = time <= start ? 0 : (time - start - 1) / step + 1
        return start + index * step <= end ? Int(index) : nil
    }

    /// The right edge.
    func edge(_ index: Int) -> Timestamp { Timestamp(milliseconds: start + Int64(index) * step) }

    /// What lies in one step.
    func range(of index: Int) -> TimeRange? {
        range(from: Int64(index), to: edge(index).milliseconds)
    }

    private func range(from index: Int64, to last: Int64) -> TimeRange? {
        let first = max(0, start + (index - 1) * step + 1)
        return TimeRange(Timestamp(milliseconds: first), Timestamp(milliseconds: last))
    }
}
