package import ProfileModel
import ProfileStore

extension QueryEngine {
    /// Types with data in the range (nil: ever), by id.
    package func profileTypes(range: TimeRange? = nil) async throws(QueryError) -> [ProfileType] {
        try await limited { try await store.profileTypes(in: range) }
    }

    /// Label names of series that match, sorted.
    package func labelNames(
        _ selector: Selector? = nil, range: TimeRange? = nil
    ) async throws(QueryError) -> [String] {
        try await labelNames(selector.map { [$0] } ?? [], range: range)
    }

    /// Label names of series that match any of the selectors (all when there are none), sorted.
    package func labelNames(
        _ selectors: [Selector], range: TimeRange? = nil
    ) async throws(QueryError) -> [String] {
        try await union(of: selectors) { try await store.labelNames($0, in: range) }
    }

    /// Values of a label of series that match, sorted. `__name__` and `__profile_type__` give profile
    /// type ids, as Pyroscope's `/label-values` does.
    package func labelValues(
        _ name: String, _ selector: Selector? = nil, range: TimeRange? = nil
    ) async throws(QueryError) -> [String] {
        try await labelValues(
            name == "__name__" ? "__profile_type__" : name, selector.map { [$0] } ?? [],
            range: range)
    }

    /// Values of a label of series that match any of the selectors (all when there are none), sorted.
    /// The names derived from profile types stand for what they say: `__name__` for `process_cpu`.
    package func labelValues(
        _ name: String, _ selectors: [Selector], range: TimeRange? = nil
    ) async throws(QueryError) -> [String] {
        guard !name.isEmpty else {
            throw QueryError(.invalid, "name a label", parameter: "label")
        }
        return try await union(of: selectors) { try await store.labelValues(name, $0, in: range) }
    }

    /// The distinct label sets of series that match any of the selectors (all when there are none).
    ///
    /// Sets hold the labels named, of the series' own and of those derived from its profile type
    /// (`__profile_type__`, `__name__`, `__type__`, `__unit__`, `__period_type__`,
    /// `__period_unit__`); all of both when none is named. Sorted.
    package func series(
        _ selectors: [Selector], labelNames: [String] = [], range: TimeRange? = nil
    ) async throws(QueryError) -> [LabelSet] {
        try await limited {
            var found: Set<LabelSet> = []
            for conditions in Self.alternatives(selectors) {
                for key in try await store.series(conditions, in: range) {
                    found.insert(
                        labelNames.isEmpty ? key.everything : key.projected(on: labelNames))
                }
                guard found.count <= limits.series else {
                    throw QueryError(
                        .tooMuch,
                        "more than \(limits.series) label sets; name fewer labels or select more "
                            + "narrowly")
                }
            }
            return found.sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
        }
    }

    private func union(
        of selectors: [Selector],
        _ ask: @escaping @Sendable ([LabelMatcher]) async throws -> [String]
    ) async throws(QueryError) -> [String] {
        try await limited {
            let alternatives = Self.alternatives(selectors)
            if alternatives.count == 1 { return try await ask(alternatives[0]) }
            var found: Set<String> = []
            for conditions in alternatives { found.formUnion(try await ask(conditions)) }
            return found.sorted()
        }
    }

    /// The conditions of each selector, its type being one of them; none at all when no selector is
    /// given.
    private static func alternatives(_ selectors: [Selector]) -> [[LabelMatcher]] {
        guard !selectors.isEmpty else { return [[]] }
        return selectors.map { selector in
            let type = selector.type.map { LabelMatcher("__profile_type__", .equal, $0.id) }
            return selector.matchers + (type.map { [$0] } ?? [])
        }
    }
}

extension SeriesKey {
    /// The labels of these names, derived ones included; absent ones are left out.
    func projected(on names: [String]) -> LabelSet {
        guard !names.isEmpty else { return LabelSet([]) }
        return LabelSet(names.compactMap { name in value(of: name).map { Label(name, $0) } })
    }

    /// The series' labels and the derived ones.
    var everything: LabelSet {
        LabelSet(
            labels.labels
                + Self.derivedNames.compactMap { name in value(of: name).map { Label(name, $0) } })
    }
}
