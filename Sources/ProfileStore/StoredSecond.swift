import ProfileModel

/// Where time puts a window: its second, the hour of its totals, the file it lies in.
enum StoredSecond {
    /// One partition file covers six hours, aligned in UTC.
    static let partitionLength: Int64 = 6 * 3600
    static let hour: Int64 = 3600
    /// Seconds are a key's lower half: 1970 to 2106.
    static let range: Range<Int64> = 0..<(1 << 32)

    /// The second a time falls into, rounded down.
    static func of(_ time: Timestamp) -> Int64 {
        time.milliseconds / 1000 - (time.milliseconds % 1000 < 0 ? 1 : 0)
    }

    static func partition(of second: Int64) -> Int64 { second - second % partitionLength }

    /// The stored seconds a query's range covers; nil when there are none.
    static func covered(by query: TimeRange) -> ClosedRange<Int64>? {
        let start = query.start.milliseconds
        let first = of(query.start) + (start % 1000 == 0 ? 0 : 1)
        let low = max(first, range.lowerBound)
        let high = min(of(query.end), range.upperBound - 1)
        return low <= high ? low...high : nil
    }

    static func key(series: UInt32, second: Int64) -> Int64 { Int64(series) << 32 | second }

    /// The keys of one series between two seconds.
    static func keys(series: UInt32, _ seconds: ClosedRange<Int64>) -> ClosedRange<Int64> {
        key(
            series: series, second: seconds.lowerBound)...key(
                series: series, second: seconds.upperBound)
    }
}
