package import ProfileModel
package import ProfileStore

/// Answers queries from a store: what HTTP and the command line ask, whatever engine is below.
package struct QueryEngine: Sendable {
    private let store: any ProfileStore
    package let limits: QueryLimits

    package init(store: any ProfileStore, limits: QueryLimits = QueryLimits()) {
        self.store = store
        self.limits = limits
    }

    // MARK: Profiles

    /// All that the selector and the range cover, summed by stack. The selector must name a type.
    package func merge(_ selector: Selector, range: TimeRange) async throws(QueryError)
        -> MergedProfile
    {
        let type = try type(of: selector)
        let range = try checked(range)
        do {
            return try await store.mergeStacks(
                selector.matchers, type: type, range: range, stackLimit: limits.stacks)
        } catch {
            throw QueryError(error)
        }
    }

    // MARK: Time lines

    /// One line over the range; `stepSeconds` nil takes the step Pyroscope would.
    package func timeline(
        _ selector: Selector, range: TimeRange, stepSeconds: Int64? = nil
    ) async throws(QueryError) -> Timeline {
        let lines = try await timelines(
            selector, range: range, stepSeconds: stepSeconds, groupBy: [])
        if let line = lines.first { return line.timeline }
        return try empty(try checked(range), stepSeconds)
    }

    /// A line per distinct set of values of the labels `groupBy` (one line over all when empty), the
    /// largest total first; labels a series lacks are left out of its set.
    package func timelines(
        _ selector: Selector, range: TimeRange, stepSeconds: Int64? = nil, groupBy: [String]
    ) async throws(QueryError) -> [LabeledTimeline] {
        let type = try type(of: selector)
        let range = try checked(range)
        let blank = try empty(range, stepSeconds)
        var lines: [LabelSet: Timeline] = [:]
        for series in try await totals(selector.matchers, type: type, range: range) {
            let group = LabelSet(series.labels.labels.filter { groupBy.contains($0.name) })
            for point in series.points {
                lines[group, default: blank].add(point.value, at: point.start)
            }
        }
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

    private func totals(
        _ matchers: [LabelMatcher], type: ProfileType, range: TimeRange
    ) async throws(QueryError) -> [SeriesTotals] {
        do {
            return try await store.totals(matchers, type: type, range: range)
        } catch {
            throw QueryError(error)
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

    // MARK: Labels

    /// Types with data in the range (nil: ever), by id.
    package func profileTypes(range: TimeRange? = nil) async throws(QueryError) -> [ProfileType] {
        do {
            return try await store.profileTypes(in: range)
        } catch {
            throw QueryError(error)
        }
    }

    /// Label names of series that match, sorted.
    package func labelNames(
        _ selector: Selector? = nil, range: TimeRange? = nil
    ) async throws(QueryError) -> [String] {
        do {
            return try await store.labelNames(Self.conditions(selector), in: range)
        } catch {
            throw QueryError(error)
        }
    }

    /// Values of a label of series that match, sorted. `__name__` and `__profile_type__` give profile
    /// type ids, as Pyroscope's `/label-values` does.
    package func labelValues(
        _ name: String, _ selector: Selector? = nil, range: TimeRange? = nil
    ) async throws(QueryError) -> [String] {
        guard !name.isEmpty else {
            throw QueryError(.invalid, "name a label", parameter: "label")
        }
        do {
            return try await store.labelValues(
                name == "__name__" ? "__profile_type__" : name, Self.conditions(selector), in: range
            )
        } catch {
            throw QueryError(error)
        }
    }

    /// The selector's conditions, its type being one of them.
    private static func conditions(_ selector: Selector?) -> [LabelMatcher] {
        guard let selector else { return [] }
        let type = selector.type.map { LabelMatcher("__profile_type__", .equal, $0.id) }
        return selector.matchers + (type.map { [$0] } ?? [])
    }

    // MARK: Checks

    private func type(of selector: Selector) throws(QueryError) -> ProfileType {
        guard let type = selector.type else {
            throw QueryError(
                .invalid,
                "no profile type: write its id before the braces, like \(ProfileType.cpu.id){…}",
                parameter: "query")
        }
        return type
    }

    /// The part of the range in which anything can be stored, so that no arithmetic on it overflows.
    private func checked(_ range: TimeRange) throws(QueryError) -> TimeRange {
        let latest: Int64 = (1 << 32) * 1000
        let start = min(max(range.start.milliseconds, 0), latest)
        let end = min(max(range.end.milliseconds, start), latest)
        if let limit = limits.range, .milliseconds(end - start) > limit {
            throw QueryError(
                .tooMuch, "the range is longer than \(limit.components.seconds) s",
                parameter: "from")
        }
        guard
            let checked = TimeRange(
                Timestamp(milliseconds: start), Timestamp(milliseconds: end))
        else { return range }
        return checked
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
