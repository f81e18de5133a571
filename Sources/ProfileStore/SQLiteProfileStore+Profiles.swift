package import ProfileModel
import Synchronization

extension SQLiteProfileStore {
    package func mergeStacks(
        _ matchers: [LabelMatcher], type: ProfileType, range: TimeRange, stackLimit: Int
    ) async throws(StoreError) -> MergedProfile {
        try state.checkOpen()
        let series = state.select(try LabelSelection(matchers, type: type))
        var merge = StackMerge()
        guard let seconds = StoredSecond.covered(by: range), !series.isEmpty else {
            return merge.finish(type: type, range: range, limit: stackLimit)
        }
        let services = Dictionary(grouping: series, by: \.service)
        let sums = Mutex(merge)
        // Asked before any snapshot begins, see `DictionaryCache.insert`.
        let epoch = state.dictionaries.epoch
        try await forEachPartition(overlapping: seconds) { reader, start in
            let sum = PartitionSum(
                reader: reader, start: start, seconds: seconds, epoch: epoch, state: state)
            let parts = try sum.add(services)
            let threshold = StackMerge.threshold(of: parts.lazy.map(\.sums), limit: stackLimit)
            for part in parts {
                sums.withLock { sums in
                    sums.note(period: part.period)
                    let isWhole = part.dictionary.withContent {
                        sums.add(part.sums, of: $0, threshold: threshold)
                    }
                    if !isWhole { state.noteDamagedRow() }
                }
            }
        } then: {
        }
        merge = sums.withLock { $0 }
        return merge.finish(type: type, range: range, limit: stackLimit)
    }

    package func totals(
        _ matchers: [LabelMatcher], type: ProfileType, range: TimeRange
    ) async throws(StoreError) -> [SeriesTotals] {
        try state.checkOpen()
        let series = state.select(try LabelSelection(matchers, type: type))
        guard let seconds = StoredSecond.covered(by: range), !series.isEmpty else { return [] }
        var points: [UInt32: [SeriesTotals.Point]] = [:]
        try await forEachPartition(overlapping: seconds) { reader, start in
            try self.totals(of: series, in: reader, start: start, seconds: seconds)
        } then: { found in
            for (id, more) in found { points[id, default: []] += more }
        }
        return series.compactMap { one in
            points[one.id].map { SeriesTotals(labels: one.key.labels, points: $0) }
        }
    }

    private func totals(
        of series: [SeriesIndex.Series], in reader: PartitionReader, start: Int64,
        seconds: ClosedRange<Int64>
    ) throws -> [UInt32: [SeriesTotals.Point]] {
        var found: [UInt32: [SeriesTotals.Point]] = [:]
        let last = min(seconds.upperBound, start + StoredSecond.partitionLength - 1)
        let hours =
            max(seconds.lowerBound, start) / StoredSecond.hour...last / StoredSecond.hour
        for one in series {
            var points: [SeriesTotals.Point] = []
            try reader.forEachTotals(StoredSecond.keys(series: one.id, hours)) { key, blob in
                guard let totals = try? HourTotals(blob) else { return state.noteDamagedRow() }
                let hour = (key & 0xffff_ffff) * StoredSecond.hour
                for point in totals.points where seconds.contains(hour + Int64(point.second)) {
                    points.append(
                        SeriesTotals.Point(
                            start: Timestamp(milliseconds: (hour + Int64(point.second)) * 1000),
                            durationMilliseconds: point.durationMilliseconds, value: point.value))
                }
            }
            if !points.isEmpty { found[one.id] = points }
        }
        return found
    }
}
