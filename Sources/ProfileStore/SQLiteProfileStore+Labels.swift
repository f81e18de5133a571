package import ProfileModel

extension SQLiteProfileStore {
    package func profileTypes(in range: TimeRange?) async throws(StoreError) -> [ProfileType] {
        let series = try await series([], in: range)
        return Set(series.map(\.key.type)).sorted { $0.id < $1.id }
    }

    package func labelNames(
        _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [String] {
        let series = try await series(matchers, in: range)
        return Set(series.flatMap { $0.key.labels.labels.map(\.name) }).sorted()
    }

    package func labelValues(
        _ name: String, _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [String] {
        let series = try await series(matchers, in: range)
        return Set(series.compactMap { $0.key.value(of: name) }).sorted()
    }

    /// Series that match and have data in the range (nil: ever).
    ///
    /// Whole hours are answered from memory; for the hours in which the range begins and ends, the
    /// windows' keys are looked at.
    private func series(
        _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [SeriesIndex.Series] {
        try state.checkOpen()
        let matching = state.select(try LabelSelection(matchers))
        guard let range else { return matching }
        guard let seconds = StoredSecond.covered(by: range) else { return [] }
        var found: Set<UInt32> = []
        var uncertain: [Int64: [UInt32]] = [:]
        for start in state.partitions.starts(overlapping: seconds) {
            let activity = try await activity(start)
            let hours = HourCoverage(of: seconds, from: start)
            for one in matching {
                let active = activity[one.id] ?? 0
                if active & hours.whole != 0 {
                    found.insert(one.id)
                } else if active & hours.partial != 0 {
                    uncertain[start, default: []].append(one.id)
                }
            }
        }
        for (start, ids) in uncertain {
            let asked = ids.filter { !found.contains($0) }
            try await forEachPartition(overlapping: start...start) { reader, _ in
                try asked.filter {
                    try reader.hasProfile(StoredSecond.keys(series: $0, seconds))
                }
            } then: {
                found.formUnion($0)
            }
        }
        return matching.filter { found.contains($0.id) }
    }
}

/// Which hours of a partition lie in a range, a bit each.
struct HourCoverage: Equatable {
    /// Hours all of whose seconds are in the range.
    private(set) var whole: UInt64 = 0
    /// Hours of which some seconds are.
    private(set) var partial: UInt64 = 0

    init(of seconds: ClosedRange<Int64>, from start: Int64) {
        for hour in 0..<StoredSecond.partitionLength / StoredSecond.hour {
            let first = start + hour * StoredSecond.hour
            let last = first + StoredSecond.hour - 1
            guard first <= seconds.upperBound, last >= seconds.lowerBound else { continue }
            if seconds.contains(first) && seconds.contains(last) {
                whole |= 1 << UInt64(hour)
            } else {
                partial |= 1 << UInt64(hour)
            }
        }
    }
}
