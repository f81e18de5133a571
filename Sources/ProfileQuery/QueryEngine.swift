package import ProfileModel
package import ProfileStore
package import RecentSamples

/// Answers queries from a store: what HTTP and the command line ask, whatever engine is below.
///
/// Every query ends at the time limit, and when the task that asked is cancelled: the store stops
/// reading.
package struct QueryEngine: Sendable {
    let store: any ProfileStore
    package let limits: QueryLimits
    /// Answers from single samples; nil where none are kept.
    package let recent: RecentQuery?

    /// `recent`: a node's single samples. Selectors that name `pid`, `tid` or `cpu` are about them.
    package init(
        store: any ProfileStore, recent: RecentSamples? = nil, limits: QueryLimits = QueryLimits()
    ) {
        self.store = store
        self.limits = limits
        self.recent = recent.map { RecentQuery($0, limits: limits) }
    }

    /// All that the selector and the range cover, summed by stack. The selector must name a type.
    ///
    /// `callSite`: names, root first; only stacks whose outermost names are these count, and they
    /// keep their whole path from the root.
    package func merge(
        _ selector: Selector, range: TimeRange, callSite: [String] = [],
        source: QuerySource = .automatic
    ) async throws(QueryError) -> MergedProfile {
        let range = try checked(range)
        if let recent = try recent(for: selector, source) {
            return try await limited {
                let merged = try await recent.merge(
                    selector, range: range, isWhole: !callSite.isEmpty)
                guard !callSite.isEmpty else { return merged }
                return CallSite(callSite).select(from: merged).keepingLargest(limits.stacks)
            }
        }
        let type = try type(of: selector)
        return try await limited {
            if callSite.isEmpty {
                return try await store.mergeStacks(
                    selector.matchers, type: type, range: range, stackLimit: limits.stacks)
            }
            let below = try await below(
                CallSite(callSite), selector.matchers, type: type, range: range)
            return below.keepingLargest(limits.stacks)
        }
    }

    /// The stacks below a call site.
    func below(
        _ callSite: CallSite, _ matchers: [LabelMatcher], type: ProfileType, range: TimeRange
    ) async throws -> MergedProfile {
        let whole = try await store.mergeStacks(
            matchers, type: type, range: range, stackLimit: limits.callSiteStacks)
        guard whole.values.count <= limits.callSiteStacks else {
            throw QueryError(
                .tooMuch,
                "more than \(limits.callSiteStacks) stacks to look for the call site in; "
                    + "shorten the range or select fewer series")
        }
        return callSite.select(from: whole)
    }

    /// When anything is stored: the starts of the oldest and the newest window; nil while nothing is.
    package func span() async throws(QueryError) -> ClosedRange<Timestamp>? {
        try await limited {
            let status = await store.status()
            guard let oldest = status.oldest, let newest = status.newest else { return nil }
            return oldest...max(oldest, newest)
        }
    }

    // MARK: Limits

    /// Runs a query until the time limit, and says what its errors mean to the one who asked.
    func limited<Answer: Sendable>(
        _ query: @escaping @Sendable () async throws -> Answer
    ) async throws(QueryError) -> Answer {
        do {
            return try await withThrowingTaskGroup(of: Answer.self) { tasks in
                defer { tasks.cancelAll() }
                tasks.addTask { try await query() }
                if let time = limits.time {
                    tasks.addTask {
                        try await Task.sleep(for: time)
                        throw QueryError(
                            .tooMuch,
                            "the query takes longer than \(time); shorten the range or select "
                                + "fewer series")
                    }
                }
                guard let answer = try await tasks.next() else { throw CancellationError() }
                return answer
            }
        } catch let error as QueryError {
            throw error
        } catch let error as StoreError {
            throw QueryError(error)
        } catch is CancellationError {
            throw QueryError(.cancelled, "the query was cancelled")
        } catch {
            throw QueryError(.failed, "\(error)")
        }
    }

    /// Who answers, when it is not the store.
    func recent(
        for selector: Selector, _ source: QuerySource
    ) throws(QueryError) -> RecentQuery? {
        switch source {
        case .automatic:
            return selector.matchers.contains { RecentScan.labels.contains($0.name) } ? recent : nil
        case .recent:
            guard let recent else {
                throw QueryError(.invalid, "no single samples are kept here", parameter: "source")
            }
            return recent
        }
    }

    func type(of selector: Selector) throws(QueryError) -> ProfileType {
        guard let type = selector.type else {
            throw QueryError(
                .invalid,
                "no profile type: write its id before the braces, like \(ProfileType.cpu.id){…}",
                parameter: "query")
        }
        return type
    }

    /// The part of the range in which anything can be stored, so that no arithmetic on it overflows.
    func checked(_ range: TimeRange) throws(QueryError) -> TimeRange {
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
