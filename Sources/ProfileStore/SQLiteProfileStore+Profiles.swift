package import ProfileModel

extension SQLiteProfileStore {
    package func mergeStacks(
        _ matchers: [LabelMatcher], type: ProfileType, range: TimeRange, stackLimit: Int
    ) async throws(StoreError) -> MergedProfile {
        try state.checkOpen()
        let series = state.select(try LabelSelection(matchers, type: type))
        guard let seconds = StoredSecond.covered(by: range), !series.isEmpty else {
            return StackMerge().finish(type: type, range: range, limit: stackLimit)
        }
        let query = StackQuery(
            services: Dictionary(grouping: series, by: \.service), limit: stackLimit, state: state)
        let missing = try await add(seconds, to: query, usingRollUps: true)
        for partition in missing.sorted() {
            let part = partition.clamp(seconds)
            _ = try await add(part, to: query, usingRollUps: false)
        }
        return query.takeMerge().finish(type: type, range: range, limit: stackLimit)
    }

    /// Adds a range up; gives the raw partitions left out because a roll-up was not there any more.
    private func add(
        _ seconds: ClosedRange<Int64>, to query: StackQuery, usingRollUps: Bool
    ) async throws(StoreError) -> Set<PartitionID> {
        var plan = RangePlan(seconds)
        var held: [PartitionID: [PartitionSum.Part]] = [:]
        for id in state.partitions.of(.raw, overlapping: seconds) {
            let answer = try await read(id) { reader in
                try query.sumRaw(reader, seconds: seconds, usingRollUps: usingRollUps)
            }
            guard let answer else { continue }
            plan.add(answer.view, of: id)
            // What may have to be asked again is kept apart until the roll-up was there.
            if answer.view.wanted.isEmpty {
                query.merge(answer.parts)
            } else {
                held[id] = answer.parts
            }
        }
        var missing = Set(held.keys)
        for id in state.partitions.of(.hourly, overlapping: seconds) where plan.mayNeed(id) {
            let answer = try await read(id) { [plan] in try query.sumHourly($0, plan: plan) }
            guard let answer else { continue }
            query.merge(answer.parts)
            for raw in plan.views.keys where PartitionID(.hourly, of: raw.start) == id {
                if !answer.missing.contains(raw) { missing.remove(raw) }
            }
            if !answer.damaged.isEmpty { await distrust(answer.damaged) }
        }
        for (id, parts) in held where !missing.contains(id) { query.merge(parts) }
        return missing
    }

    package func totals(
        _ matchers: [LabelMatcher], type: ProfileType, range: TimeRange
    ) async throws(StoreError) -> [SeriesTotals] {
        try state.checkOpen()
        let series = state.select(try LabelSelection(matchers, type: type))
        guard let seconds = StoredSecond.covered(by: range), !series.isEmpty else { return [] }
        var points: [UInt32: [SeriesTotals.Point]] = [:]
        var plan = RangePlan(seconds)
        for id in state.partitions.of(.raw, overlapping: seconds) {
            let answer = try await read(id) { reader in
                let view = RangePlan.View(wanted: [:], additive: try reader.additiveHours())
                return (view, try self.rawTotals(of: series, in: reader, seconds: seconds))
            }
            guard let (view, found) = answer else { continue }
            plan.add(view, of: id)
            for (id, more) in found { points[id, default: []] += more }
        }
        for id in state.partitions.of(.hourly, overlapping: seconds) where plan.mayNeed(id) {
            let found = try await read(id) { [plan] reader in
                let hours = plan.choose(from: try reader.hours(), in: id).hours
                return try self.hourlyTotals(of: series, in: reader, hours: Set(hours))
            }
            for (id, more) in found ?? [:] { points[id, default: []] += more }
        }
        return series.compactMap { one in
            points[one.id].map {
                SeriesTotals(
                    labels: one.key.labels, points: $0.sorted { $0.start < $1.start })
            }
        }
    }

    private func rawTotals(
        of series: [SeriesIndex.Series], in reader: PartitionReader, seconds: ClosedRange<Int64>
    ) throws -> [UInt32: [SeriesTotals.Point]] {
        let part = reader.id.clamp(seconds)
        let hours = part.lowerBound / StoredSecond.hour...part.upperBound / StoredSecond.hour
        return try totals(of: series, in: reader, keys: hours) { part.contains($0) }
    }

    private func hourlyTotals(
        of series: [SeriesIndex.Series], in reader: PartitionReader, hours: Set<Int64>
    ) throws -> [UInt32: [SeriesTotals.Point]] {
        guard !hours.isEmpty else { return [:] }
        let key = reader.id.hours.lowerBound
        return try totals(of: series, in: reader, keys: key...key) {
            hours.contains($0 / StoredSecond.hour)
        }
    }

    private func totals(
        of series: [SeriesIndex.Series], in reader: PartitionReader, keys: ClosedRange<Int64>,
        where isAsked: (_ second: Int64) -> Bool
    ) throws -> [UInt32: [SeriesTotals.Point]] {
        let active = state.partitions.activity(reader.id)
        var found: [UInt32: [SeriesTotals.Point]] = [:]
        for one in series where active == nil || active?[one.id] != nil {
            var points: [SeriesTotals.Point] = []
            try reader.forEachTotals(StoredSecond.keys(series: one.id, keys)) { key, blob in
                guard let totals = try? HourTotals(blob) else { return state.noteDamagedRow() }
                for point in totals.points {
                    let second = reader.second(of: point, key: key)
                    guard isAsked(second) else { continue }
                    points.append(
                        SeriesTotals.Point(
                            start: Timestamp(milliseconds: second * 1000),
                            durationMilliseconds: point.durationMilliseconds, value: point.value))
                }
            }
            if !points.isEmpty { found[one.id] = points }
        }
        return found
    }
}
