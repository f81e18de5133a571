/// Unix time in milliseconds, the unit of Pyroscope's queries and of window starts.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (left: Self, right: Self) -> Bool {
        left.milliseconds < right.milliseconds
    }
}

/// From `start` to `end`, both included.
package struct TimeRange: Hashable, Sendable {
    package let start: Timestamp
    package let end: Timestamp

    /// Nil when `end` lies before `start`.
    package init?(_ start: Timestamp, _ end: Timestamp) {
        guard start <= end else { return nil }
        self.start = start
        self.end = end
    }

    package func contains(_ time: Timestamp) -> Bool { start <= time && time <= end }
}
