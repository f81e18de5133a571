import ProfileModel

/// A batch sorted by where it goes: partition, then service, then series and second.
struct BatchPlan {
    /// The profiles of one series that go to one key, nearly always one.
    struct Window {
        let series: SeriesIndex.Series
        let second: Int64
        var profiles: [Int]

        var key: Int64 { StoredSecond.key(series: series.id, second: second) }
    }

    /// By the partition's start, then by service number.
    private(set) var partitions: [Int64: [UInt32: [Window]]] = [:]
    /// Series the store has not seen yet.
    private(set) var newSeries: [SeriesIndex.Series] = []
    private(set) var pairCount = 0
    private(set) var bounds: ClosedRange<Int64>?

    /// `index` gets the new series. Throws `.unstorable` when a number in the batch fits nothing.
    init(_ batch: ProfileBatch, index: inout SeriesIndex) throws(StoreError) {
        try Self.check(batch.table)
        var windows: [Int64: Window] = [:]
        for (number, profile) in batch.profiles.enumerated() where !profile.values.isEmpty {
            let second = StoredSecond.of(profile.start)
            guard StoredSecond.range.contains(second) else {
                throw StoreError(
                    .unstorable,
                    "a profile's start, \(profile.start.milliseconds) ms, is not between 1970 and 2106"
                )
            }
            let stacks = 0..<batch.table.stacks.count
            guard profile.values.allSatisfy({ stacks.contains(Int($0.stack)) }) else {
                throw StoreError(.unstorable, "a profile names a stack its batch does not have")
            }
            let series = try find(
                SeriesKey(labels: profile.labels, type: profile.type), in: &index)
            let key = StoredSecond.key(series: series.id, second: second)
            windows[key, default: Window(series: series, second: second, profiles: [])]
                .profiles.append(number)
            pairCount += profile.values.count
            bounds =
                min(
                    bounds?.lowerBound ?? second, second)...max(
                    bounds?.upperBound ?? second, second)
        }
        for window in windows.values {
            partitions[StoredSecond.partition(of: window.second), default: [:]][
                window.series.service, default: []
            ].append(window)
        }
    }

    private static func check(_ table: StackTable) throws(StoreError) {
        let count = UInt32(truncatingIfNeeded: table.locations.count)
        for stack in table.stacks {
            var isKnown = true
            // A negative id is a large one, too.
            for id in stack { isKnown = isKnown && UInt32(bitPattern: id) < count }
            guard isKnown else {
                throw StoreError(.unstorable, "a stack names a location its batch does not have")
            }
        }
    }

    private mutating func find(_ key: SeriesKey, in index: inout SeriesIndex) throws(StoreError)
        -> SeriesIndex.Series
    {
        if let known = index.find(key) { return known }
        let series = try index.make(key)
        index.insert(series)
        newSeries.append(series)
        return series
    }
}
