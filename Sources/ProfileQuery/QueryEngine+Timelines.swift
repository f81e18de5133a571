package import ProfileModel
import ProfileStore

extension QueryEngine {
    /// One line over the range; `stepSeconds` nil takes the step Pyroscope would.
    package func timeline(
        _ selector: Selector, range: TimeRange, stepSeconds: Int64? = nil,
        aggregation: PointAggregation = .sum, source: QuerySource = .automatic
    ) async throws(QueryError) -> Timeline {
        let lines = try await timelines(
            selector, range: range, stepSeconds: stepSeconds, groupBy: [],
            aggregation: aggregation, source: source)
        if let line = lines.first { return line.timeline }
        return try empty(try checked(range), stepSeconds)
    }

    /// A line per distinct set of values of the labels `groupBy` (one line over all when empty), the
    /// largest total first; labels a series lacks are left out of its set. Of more lines than
    /// `limits.groups` the largest are given. Single samples are summed, whatever the aggregation.
    package func timelines(
        _ selector: Selector, range: TimeRange, stepSeconds: Int64? = nil, groupBy: [String],
        aggregation: PointAggregation = .sum, source: QuerySource = .automatic
    ) async throws(QueryError) -> [LabeledTimeline] {
        let range = try checked(range)
        let blank = try empty(range, stepSeconds)
        if let recent = try recent(for: selector, source) {
            return try await limited {
                var lines: [LabelSet: Timeline] = [:]
                try await recent.visit(selector, range: range, groupBy: groupBy) {
                    lines[$0, default: blank].add($2, at: $1)
                }
                return sorted(lines)
            }
        }
        let type = try type(of: selector)
        return try await limited {
            var lines: [LabelSet: Timeline] = [:]
            var windows: [LabelSet: Timeline] = [:]
            for series in try await store.totals(selector.matchers, type: type, range: range) {
                let group = SeriesKey(labels: series.labels, type: type).projected(on: groupBy)
                for point in series.points {
                    lines[group, default: blank].add(point.value, at: point.start)
                    guard aggregation == .average else { continue }
                    windows[group, default: blank].add(1, at: point.start)
                }
            }
            for (group, counts) in windows { lines[group]?.divide(by: counts) }
            return sorted(lines)
        }
    }

    private func sorted(_ lines: [LabelSet: Timeline]) -> [LabeledTimeline] {
        let sorted = lines.map { LabeledTimeline(labels: $0.key, timeline: $0.value) }.sorted {
            ($1.timeline.total, $0.labels.description) < ($0.timeline.total, $1.labels.description)
        }
        return Array(sorted.prefix(limits.groups))
    }

    /// The applications with data of a type, the largest first, with `points` sums each for a small
    /// picture of the range.
    package func services(
        type: ProfileType, range: TimeRange, points: Int = 60
    ) async throws(QueryError) -> [ServiceSummary] {
        let range = try checked(range)
        let length = range.end.milliseconds - range.start.milliseconds
        let step = max(length / Int64(max(points, 1)) / 1000, 1)
        let lines = try await timelines(
            Selector(type: type, matchers: []), range: range, stepSeconds: step,
            groupBy: [LabelSet.serviceName])
        return lines.map {
            ServiceSummary(
                name: $0.labels[LabelSet.serviceName] ?? "", total: $0.timeline.total,
                timeline: $0.timeline)
        }
    }

    private func empty(_ range: TimeRange, _ stepSeconds: Int64?) throws(QueryError) -> Timeline {
        let step = stepSeconds ?? Timeline.step(for: range)
        guard step >= 1 else {
            throw QueryError(.invalid, "a step is at least one second", parameter: "step")
        }
        let length = range.end.milliseconds - range.start.milliseconds
        guard step <= 1 << 32, length / (step * 1000) < Int64(limits.steps) else {
            throw QueryError(
                .tooMuch,
                "a step of \(step) s makes more than \(limits.steps) points; use a longer step",
                parameter: "step")
        }
        return Timeline(range: range, stepSeconds: step)
    }
}

/// A time line and which series it sums.
package struct LabeledTimeline: Hashable, Sendable {
    package let labels: LabelSet
    package let timeline: Timeline
}

/// One application in a list of all.
package struct ServiceSummary: Hashable, Sendable {
    /// The `service_name` label; empty for series without one.
    package let name: String
    /// The sum over the range, in the profile type's unit.
    package let total: Int64
    package let timeline: Timeline
}
