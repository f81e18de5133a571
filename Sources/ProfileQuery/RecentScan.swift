import ProfileModel
import ProfileStore
import RecentSamples

/// Finds single samples: those that match a selector and lie in a range.
///
/// `pid`, `tid` and `cpu` are compared as decimal text, like every label's value.
struct RecentScan: ~Copyable {
    /// What a selector may name of a sample that its series does not say.
    static let labels: Set = ["pid", "tid", "cpu"]

    /// One sample found.
    struct Match {
        /// Unix time in microseconds.
        let time: Int64
        let cpu: UInt32
        /// Number in the part's table of threads.
        let thread: Int
        /// Number among the part's stacks.
        let stack: Int
        /// Nanoseconds of CPU it stands for.
        let value: Int64
    }

    private let seriesConditions: LabelConditions
    private let threadConditions: LabelConditions
    private let cpuConditions: LabelConditions
    /// Unix time in microseconds: a range includes the whole of its last millisecond.
    private let times: ClosedRange<Int64>
    private let range: TimeRange
    let codec: ZstdCodec

    /// Throws `.invalid` when an expression does not parse. `range` must lie between 1970 and 2106.
    init(_ matchers: [LabelMatcher], range: TimeRange) throws(QueryError) {
        let series = try Self.conditions(matchers) { !Self.labels.contains($0) }
        let thread = try Self.conditions(matchers) { $0 == "pid" || $0 == "tid" }
        let cpu = try Self.conditions(matchers) { $0 == "cpu" }
        (seriesConditions, threadConditions, cpuConditions) = (series, thread, cpu)
        codec = ZstdCodec()
        self.range = range
        times = range.start.milliseconds * 1000...range.end.milliseconds * 1000 + 999
    }

    private static func conditions(
        _ matchers: [LabelMatcher], where isMeant: (String) -> Bool
    ) throws(QueryError) -> LabelConditions {
        do {
            return try LabelConditions(matchers.filter { isMeant($0.name) })
        } catch {
            throw QueryError(error)
        }
    }

    /// Calls `visit` with every sample of the part that matches, window by window.
    func run(
        _ part: RecentPart, _ threads: ThreadTable, visit: (Match) throws(QueryError) -> Void
    ) throws(QueryError) {
        let wanted = wanted(threads)
        guard wanted.contains(true) else { return }
        var cpus: [UInt32: Bool] = [:]
        for segment in part.segments
        where segment.end > range.start && segment.start <= range.end {
            guard !Task.isCancelled else { throw QueryError(.cancelled, "the query was cancelled") }
            let columns = try read { () throws(StoreError) in
                try part.samples(of: segment, codec)
            }
            let start = segment.start.milliseconds * 1000
            for index in 0..<columns.count {
                let thread = Int(columns.threads[index])
                let time = start + Int64(columns.offsets[index])
                guard thread < wanted.count, wanted[thread], times.contains(time) else { continue }
                let cpu = columns.cpus[index]
                guard wants(cpu, &cpus) else { continue }
                try visit(
                    Match(
                        time: time, cpu: cpu, thread: thread, stack: Int(columns.stacks[index]),
                        value: segment.period))
            }
        }
    }

    /// Whether it has windows of the range.
    func covers(_ chapter: RecentChapter) -> Bool { chapter.parts.contains { covers($0) } }

    /// Whether it has windows of the range.
    func covers(_ part: RecentPart) -> Bool {
        part.segments.contains { $0.end > range.start && $0.start <= range.end }
    }

    /// A store's errors as a query's.
    func read<T>(_ body: () throws(StoreError) -> T) throws(QueryError) -> T {
        do {
            return try body()
        } catch {
            throw QueryError(error)
        }
    }

    private func wanted(_ table: ThreadTable) -> [Bool] {
        let series = table.series.map { seriesConditions.hold(of: $0, type: .cpu) }
        return table.threads.map { thread in
            series[Int(thread.series)]
                && threadConditions.hold(
                    of: LabelSet([
                        Label("pid", String(thread.pid)), Label("tid", String(thread.tid)),
                    ]), type: .cpu)
        }
    }

    private func wants(_ cpu: UInt32, _ known: inout [UInt32: Bool]) -> Bool {
        if let isWanted = known[cpu] { return isWanted }
        let isWanted = cpuConditions.hold(of: LabelSet([Label("cpu", String(cpu))]), type: .cpu)
        known[cpu] = isWanted
        return isWanted
    }
}
