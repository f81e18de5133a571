import FlameGraph
package import ProfileModel
import ProfileStore

extension QueryEngine {
    /// Values over time, for graphs: for t = start, start + step, … up to end, the windows that begin in
    /// (t − step, t], at t. Steps without windows are left out.
    ///
    /// - Parameters:
    ///   - range: start and end are included; a part before 1970 is left out first.
    ///   - stepMilliseconds: windows are stored to the second, so shorter steps show that second.
    ///   - groupBy: a series of points per distinct set of these labels' values, the largest sum of
    ///     points first; one over all when empty.
    ///   - limit: only the first so many. Without one, more than `limits.groups` are an error.
    ///   - callSite: as in `merge`; then steps whose stacks all lie elsewhere are left out too.
    ///
    /// Throws `.invalid` for a step below 1 ms, `.tooMuch` beyond a limit.
    package func points(
        _ selector: Selector, range: TimeRange, stepMilliseconds: Int64, groupBy: [String] = [],
        limit: Int? = nil, aggregation: PointAggregation = .sum, callSite: [String] = []
    ) async throws(QueryError) -> [PointSeries] {
        let steps = try PointSteps(
            checked(range), stepMilliseconds: stepMilliseconds, limit: limits.steps)
        if callSite.isEmpty, let recent = try recent(for: selector, .automatic) {
            return try await limited {
                try largest(
                    await samples(selector, of: recent, steps: steps, groupBy: groupBy),
                    limit: limit)
            }
        }
        let type = try type(of: selector)
        return try await limited {
            var groups = try await windows(
                selector.matchers, type: type, steps: steps, groupBy: groupBy)
            if !callSite.isEmpty {
                for group in groups.keys {
                    let matchers =
                        selector.matchers
                        + groupBy.map { LabelMatcher($0, .equal, group[$0] ?? "") }
                    try await groups[group]?.keep(steps) { range in
                        try await below(
                            CallSite(callSite), matchers, type: type, range: range
                        ).total
                    }
                }
            }
            let series = groups.map { labels, sums in
                PointSeries(labels: labels, points: sums.points(steps, aggregation))
            }
            return try largest(series.filter { !$0.points.isEmpty }, limit: limit)
        }
    }

    /// Single samples, summed.
    private func samples(
        _ selector: Selector, of recent: RecentQuery, steps: PointSteps, groupBy: [String]
    ) async throws -> [PointSeries] {
        guard let range = steps.range else { return [] }
        var groups: [LabelSet: StepSums] = [:]
        try await recent.visit(selector, range: range, groupBy: groupBy) { labels, time, value in
            guard let index = steps.index(of: time) else { return }
            groups[labels, default: StepSums()].add(value, to: index)
        }
        return groups.map { PointSeries(labels: $0.key, points: $0.value.points(steps, .sum)) }
    }

    private func windows(
        _ matchers: [LabelMatcher], type: ProfileType, steps: PointSteps, groupBy: [String]
    ) async throws -> [LabelSet: StepSums] {
        guard let range = steps.range else { return [:] }
        var groups: [LabelSet: StepSums] = [:]
        for series in try await store.totals(matchers, type: type, range: range) {
            let group = SeriesKey(labels: series.labels, type: type).projected(on: groupBy)
            for point in series.points {
                guard let index = steps.index(of: point.start) else { continue }
                groups[group, default: StepSums()].add(point.value, to: index)
            }
        }
        return groups
    }

    /// The largest first, as many as are wanted, within the limits.
    private func largest(_ series: [PointSeries], limit: Int?) throws -> [PointSeries] {
        let sorted = series.map { (total: $0.total, series: $0) }.sorted {
            $0.total != $1.total
                ? $0.total > $1.total
                : $0.series.labels.labels.lexicographicallyPrecedes($1.series.labels.labels)
        }
        let wanted = sorted.prefix(max(0, limit ?? .max)).map(\.series)
        guard wanted.count <= limits.groups else {
            throw QueryError(
                .tooMuch,
                "\(wanted.count) groups are more than \(limits.groups); group by fewer labels, or "
                    + "set a limit")
        }
        let points = wanted.reduce(0) { $0 + $1.points.count }
        guard points <= limits.points else {
            throw QueryError(
                .tooMuch,
                "\(points) points are more than \(limits.points); use a longer step, or group by "
                    + "fewer labels", parameter: "step")
        }
        return wanted
    }
}

/// The windows of a group, by step.
private struct StepSums: Sendable {
    private var sums: [Int: (value: Int64, windows: Int)] = [:]

    mutating func add(_ value: Int64, to index: Int) {
        let known = sums[index] ?? (0, 0)
        sums[index] = (known.value.addingSaturating(value), known.windows + 1)
    }

    /// Puts other sums in place, and drops steps where they are 0.
    mutating func keep(
        _ steps: PointSteps, _ sum: (TimeRange) async throws -> Int64
    ) async throws {
        for index in sums.keys.sorted() {
            guard let range = steps.range(of: index) else { continue }
            let value = try await sum(range)
            if value == 0 { sums[index] = nil } else { sums[index]?.value = value }
        }
    }

    func points(_ steps: PointSteps, _ aggregation: PointAggregation) -> [PointSeries.Point] {
        sums.sorted { $0.key < $1.key }.map { index, sum in
            let value = Double(sum.value)
            return PointSeries.Point(
                time: steps.edge(index),
                value: aggregation == .average ? value / Double(sum.windows) : value)
        }
    }
}
