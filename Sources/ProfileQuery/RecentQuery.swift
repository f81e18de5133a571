package import ProfileModel
import ProfileStore
package import RecentSamples

/// Answers from the ring of single samples: what windows cannot tell, since they sum threads and
/// seconds.
///
/// Ranges hold to the millisecond, both ends included. Samples become visible when their window
/// closes. A range of which samples were dropped is refused, never answered in part.
package struct RecentQuery: Sendable {
    private let ring: RecentSamples
    private let limits: QueryLimits

    /// Cells of one heatmap.
    static let cellLimit = 500_000

    package init(_ ring: RecentSamples, limits: QueryLimits = QueryLimits()) {
        self.ring = ring
        self.limits = limits
    }

    /// What there is to ask for.
    package var holdings: RecentHoldings { ring.holdings }

    // MARK: Answers

    /// All that matches, summed by stack. Beside labels of series a selector may name `pid`, `tid`
    /// and `cpu`. `isWhole`: with every stack told apart, for who picks some of them.
    @concurrent package func merge(
        _ selector: Selector, range: TimeRange, isWhole: Bool = false
    ) async throws(QueryError) -> MergedProfile {
        let range = try checked(selector, range)
        let scan = try RecentScan(selector.matchers, range: range)
        var sums = StackSums()
        for chapter in ring.chapters() where scan.covers(chapter) {
            try scan.sum(chapter, into: &sums)
        }
        return sums.finish(type: .cpu, range: range, limit: isWhole ? .max : limits.stacks)
    }

    /// Calls `body` with each sample that matches: the set of its labels that `groupBy` names (`pid`,
    /// `tid` and `cpu` are such, too), when it was taken, and its value.
    @concurrent func visit(
        _ selector: Selector, range: TimeRange, groupBy: [String],
        _ body: (LabelSet, Timestamp, Int64) -> Void
    ) async throws(QueryError) {
        let range = try checked(selector, range)
        let scan = try RecentScan(selector.matchers, range: range)
        let byCPU = groupBy.contains("cpu")
        for part in ring.chapters().flatMap(\.parts) where scan.covers(part) {
            let threads = try scan.read { () throws(StoreError) in try part.threads(scan.codec) }
            let groups = threads.threads.map { thread in
                LabelSet(
                    SeriesKey(labels: threads.series[Int(thread.series)], type: .cpu)
                        .projected(on: groupBy).labels
                        + [
                            Label("pid", String(thread.pid)), Label("tid", String(thread.tid)),
                        ].filter { groupBy.contains($0.name) })
            }
            try scan.run(part, threads) { match in
                var group = groups[match.thread]
                if byCPU { group = LabelSet(group.labels + [Label("cpu", String(match.cpu))]) }
                body(group, Timestamp(milliseconds: match.time / 1000), match.value)
            }
        }
    }

    /// CPU time in cells of time, or of time and CPU.
    @concurrent package func heatmap(
        _ selector: Selector, range: TimeRange, stepMilliseconds: Int64, rows: Heatmap.Rows
    ) async throws(QueryError) -> Heatmap {
        let range = try checked(selector, range)
        let scan = try RecentScan(selector.matchers, range: range)
        var heatmap = try Heatmap(
            range: range, stepMilliseconds: stepMilliseconds, rows: rows, limit: Self.cellLimit)
        for part in ring.chapters().flatMap(\.parts) where scan.covers(part) {
            let threads = try scan.read { () throws(StoreError) in try part.threads(scan.codec) }
            try scan.run(part, threads) { match throws(QueryError) in
                try heatmap.add(match.value, at: match.time, cpu: match.cpu)
            }
        }
        return heatmap
    }

    /// The processes that ran, the one with most CPU first.
    @concurrent package func processes(
        _ selector: Selector, range: TimeRange
    ) async throws(QueryError) -> [ProcessShare] {
        struct Process: Hashable {
            let pid: UInt32
            let labels: LabelSet
        }
        struct Sum {
            var tids: Set<UInt32> = []
            var samples = 0
            var value: Int64 = 0
        }
        let range = try checked(selector, range)
        let scan = try RecentScan(selector.matchers, range: range)
        var sums: [Process: Sum] = [:]
        for part in ring.chapters().flatMap(\.parts) where scan.covers(part) {
            let table = try scan.read { () throws(StoreError) in try part.threads(scan.codec) }
            var byThread = [(samples: Int, value: Int64)](
                repeating: (0, 0), count: table.threads.count)
            try scan.run(part, table) { match in
                byThread[match.thread].samples += 1
                byThread[match.thread].value += match.value
            }
            for (thread, sum) in zip(table.threads, byThread) where sum.samples > 0 {
                let process = Process(
                    pid: thread.pid, labels: table.series[Int(thread.series)])
                sums[process, default: Sum()].tids.insert(thread.tid)
                sums[process, default: Sum()].samples += sum.samples
                sums[process, default: Sum()].value += sum.value
            }
        }
        return sums.map { process, sum in
            ProcessShare(
                pid: process.pid, labels: process.labels, threads: sum.tids.count,
                samples: sum.samples, value: sum.value)
        }.sorted { ($1.value, $0.pid) < ($0.value, $1.pid) }
    }

    // MARK: Checks

    /// The part of the range in which anything can be, so that no arithmetic on it overflows.
    private func checked(_ selector: Selector, _ range: TimeRange) throws(QueryError) -> TimeRange {
        guard selector.type == nil || selector.type == .cpu else {
            throw QueryError(
                .invalid, "single samples are kept of \(ProfileType.cpu.id) alone",
                parameter: "query")
        }
        try checkHeld(range)
        let latest: Int64 = (1 << 32) * 1000
        let start = min(max(range.start.milliseconds, 0), latest)
        let end = min(max(range.end.milliseconds, start), latest)
        return TimeRange(Timestamp(milliseconds: start), Timestamp(milliseconds: end)) ?? range
    }

    private func checkHeld(_ range: TimeRange) throws(QueryError) {
        let holdings = holdings
        let isGone = holdings.droppedUntil.map { range.start < $0 } ?? false
        let isBefore = holdings.start.map { range.end < $0 } ?? false
        guard isGone || isBefore else { return }
        guard let start = holdings.start, let end = holdings.end else {
            throw QueryError(.invalid, "no single samples are held now", parameter: "from")
        }
        throw QueryError(
            .invalid,
            "single samples are held from \(start.milliseconds) to \(end.milliseconds) (Unix time in milliseconds) only; \"from\" must not be before that",
            parameter: "from")
    }
}
