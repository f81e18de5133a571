package import ProfileModel

extension SQLiteProfileStore {
    package func profileTypes(in range: TimeRange?) async throws(StoreError) -> [ProfileType] {
        let series = try await activeSeries([], in: range)
        return Set(series.map(\.key.type)).sorted { $0.id < $1.id }
    }

    package func series(
        _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [SeriesKey] {
        try await activeSeries(matchers, in: range).map(\.key)
    }

    package func labelNames(
        _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [String] {
        let series = try await activeSeries(matchers, in: range)
        return Set(series.flatMap { $0.key.labels.labels.map(\.name) }).sorted()
    }

    package func labelValues(
        _ name: String, _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [String] {
        let series = try await activeSeries(matchers, in: range)
        return Set(series.compactMap { $0.key.value(of: name) }).sorted()
    }

    /// Series that match and have data in the range (nil: ever).
    ///
    /// Whole hours are answered from memory; for the hours in which the range begins and ends, the
    /// windows' keys are looked at.
    private func activeSeries(
        _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [SeriesIndex.Series] {
        try state.checkOpen()
        let matching = state.select(try LabelSelection(matchers))
        guard let range else { return matching }
        guard let seconds = StoredSecond.covered(by: range) else { return [] }
        var found: Set<UInt32> = []
        var uncertain: [PartitionID: [UInt32]] = [:]
        let raw = state.partitions.of(.raw, overlapping: seconds)
        for id in raw + state.partitions.of(.hourly, overlapping: seconds) {
            let activity = try await activity(id)
            var coverage = HourCoverage(of: seconds, in: id)
            // While there are raw windows, they say what an hour has.
            if id.level == .hourly { coverage.leaveOut(raw, in: id) }
            for one in matching {
                let active = activity[one.id] ?? 0
                if active & coverage.whole != 0 {
                    found.insert(one.id)
                } else if active & coverage.partial != 0 {
                    uncertain[id, default: []].append(one.id)
                }
            }
        }
        for (id, ids) in uncertain {
            let asked = ids.filter { !found.contains($0) }
            let spans = HourCoverage.spans(
                of: seconds, in: id, without: id.level == .hourly ? raw : [])
            let more = try await read(id) { reader in
                try asked.filter { one in
                    try spans.contains {
                        try reader.hasProfile(StoredSecond.keys(series: one, $0))
                    }
                }
            }
            found.formUnion(more ?? [])
        }
        return matching.filter { found.contains($0.id) }
    }
}
