package import ProfileModel

/// A store in memory, for tests and one-shot commands: the same answers as the embedded one, nothing
/// kept, no retention.
package actor MemoryProfileStore: ProfileStore {
    fileprivate struct Window {
        var period: Int64 = 0
        var durationMilliseconds: Int64 = 0
        var sums: [[Location]: Int64] = [:]

        var total: Int64 { sums.values.reduce(0) { $0.addingSaturated($1) } }
    }

    /// By series, then by second.
    private var windows: [SeriesKey: [Int64: Window]] = [:]
    private var pairsWritten: Int64 = 0
    private var isClosed = false

    package init() {}

    private func checkOpen() throws(StoreError) {
        guard !isClosed else { throw StoreError(.closed, "the store is closed") }
    }

    package func write(_ batch: ProfileBatch) async throws(StoreError) {
        try checkOpen()
        var index = SeriesIndex()
        let plan = try BatchPlan(batch, index: &index)
        for window in plan.partitions.values.flatMap({ $0.values.flatMap { $0 } }) {
            for number in window.profiles {
                let profile = batch.profiles[number]
                windows[window.series.key, default: [:]][window.second, default: Window()]
                    .add(profile, batch.table)
            }
        }
        pairsWritten += Int64(plan.pairCount)
    }

    private func select(
        _ selection: LabelSelection, _ range: TimeRange?
    ) -> [(key: SeriesKey, windows: [(second: Int64, window: Window)])] {
        let seconds = range.map { StoredSecond.covered(by: $0) } ?? 0...Int64.max
        guard let seconds else { return [] }
        var found: [(key: SeriesKey, windows: [(second: Int64, window: Window)])] = []
        for (key, bySecond) in windows where selection.contains(key) {
            let inside = bySecond.filter { seconds.contains($0.key) }.sorted { $0.key < $1.key }
            guard !inside.isEmpty else { continue }
            found.append((key, inside.map { (second: $0.key, window: $0.value) }))
        }
        return found
    }

    package func mergeStacks(
        _ matchers: [LabelMatcher], type: ProfileType, range: TimeRange, stackLimit: Int
    ) async throws(StoreError) -> MergedProfile {
        try checkOpen()
        var merge = StackMerge()
        for series in select(try LabelSelection(matchers, type: type), range) {
            for (_, window) in series.windows {
                merge.note(period: window.period)
                for (stack, value) in window.sums { merge.add(stack, value: value) }
            }
        }
        return merge.finish(type: type, range: range, limit: stackLimit)
    }

    package func totals(
        _ matchers: [LabelMatcher], type: ProfileType, range: TimeRange
    ) async throws(StoreError) -> [SeriesTotals] {
        try checkOpen()
        return select(try LabelSelection(matchers, type: type), range).map { series in
            SeriesTotals(
                labels: series.key.labels,
                points: series.windows.map { second, window in
                    SeriesTotals.Point(
                        start: Timestamp(milliseconds: second * 1000),
                        durationMilliseconds: window.durationMilliseconds, value: window.total)
                })
        }
    }

    package func profileTypes(in range: TimeRange?) async throws(StoreError) -> [ProfileType] {
        try checkOpen()
        let series = select(try LabelSelection([]), range)
        return Set(series.map(\.key.type)).sorted { $0.id < $1.id }
    }

    package func series(
        _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [SeriesKey] {
        try checkOpen()
        return select(try LabelSelection(matchers), range).map(\.key)
    }

    package func labelNames(
        _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [String] {
        try checkOpen()
        let series = select(try LabelSelection(matchers), range)
        return Set(series.flatMap { $0.key.labels.labels.map(\.name) }).sorted()
    }

    package func labelValues(
        _ name: String, _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [String] {
        try checkOpen()
        let series = select(try LabelSelection(matchers), range)
        return Set(series.compactMap { $0.key.value(of: name) }).sorted()
    }

    package func status() async -> StoreStatus {
        let seconds = windows.values.flatMap(\.keys)
        let partitions = Set(seconds.map { StoredSecond.partition(of: $0) })
        return StoreStatus(
            problem: nil, seriesCount: windows.count, partitionCount: partitions.count,
            bytesOnDisk: 0, pairsWritten: pairsWritten,
            oldest: seconds.min().map { Timestamp(milliseconds: $0 * 1000) },
            newest: seconds.max().map { Timestamp(milliseconds: $0 * 1000) })
    }

    package func close() async { isClosed = true }
}

extension MemoryProfileStore.Window {
    fileprivate mutating func add(_ profile: Profile, _ table: StackTable) {
        if period == 0 { period = profile.period }
        durationMilliseconds = max(durationMilliseconds, profile.durationMilliseconds)
        for value in profile.values {
            let stack = table.locations(of: value.stack)
            sums[stack] = (sums[stack] ?? 0).addingSaturated(value.value)
        }
    }
}
