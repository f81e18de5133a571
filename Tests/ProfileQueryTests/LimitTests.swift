import Foundation
import ProfileModel
import ProfileStore
import Synchronization
import Testing

@testable import ProfileQuery

/// What a query may cost, and that nobody pays for what nobody waits for.
@Suite(.timeLimit(.minutes(1))) struct LimitTests {
    private static let everything = Selector(type: .cpu, matchers: [])
    private static let ever = between(0, 4_000_000_000_000)
    /// A step that reaches back to 1970 from here holds everything.
    private static let now = between(4_000_000_000_000, 4_000_000_000_000)

    private func engine(_ limits: QueryLimits) async throws -> QueryEngine {
        QueryEngine(store: try await RandomWindows(seed: 3).store(), limits: limits)
    }

    /// Each limit, and a question beyond it.
    private static let beyond: [(QueryLimits, @Sendable (QueryEngine) async throws -> Void)] = [
        (QueryLimits(steps: 10), { try await ask($0, step: 1_000, ever) }),
        (QueryLimits(groups: 1), { try await ask($0, step: 1 << 50, now) }),
        (QueryLimits(points: 2), { try await ask($0, step: 1 << 50, now) }),
        (
            QueryLimits(groups: 1),
            {
                _ = try await $0.heatmap(
                    everything, range: ever, stepMilliseconds: 1 << 50, groupBy: ["service_name"])
            }
        ),
        (QueryLimits(series: 1), { _ = try await $0.series([]) }),
        (
            QueryLimits(callSiteStacks: 3),
            { _ = try await $0.merge(everything, range: ever, callSite: ["main"]) }
        ),
        (QueryLimits(range: .seconds(1)), { _ = try await $0.merge(everything, range: ever) }),
    ]

    private static func ask(_ engine: QueryEngine, step: Int64, _ range: TimeRange) async throws {
        _ = try await engine.points(
            everything, range: range, stepMilliseconds: step, groupBy: ["service_name", "zone"])
    }

    @Test(arguments: beyond.indices)
    func `says which limit is passed`(_ index: Int) async throws {
        let engine = try await engine(Self.beyond[index].0)
        let error = await #expect(throws: QueryError.self) {
            try await Self.beyond[index].1(engine)
        }
        #expect(error?.code == .tooMuch)
        #expect(error?.message.contains("more than") == true || error?.parameter == "from")
    }

    @Test func `a limit of the asker's own is no error`() async throws {
        let engine = try await engine(QueryLimits(groups: 2))
        let series = try await engine.points(
            Self.everything, range: Self.now, stepMilliseconds: 1 << 50,
            groupBy: ["service_name", "zone"], limit: 2)
        #expect(series.count == 2)
    }

    @Test func `a call site keeps the largest stacks, and the sum of all`() async throws {
        let (whole, cut) = (
            try await engine(QueryLimits()), try await engine(QueryLimits(stacks: 3))
        )
        let all = try await whole.merge(Self.everything, range: Self.ever, callSite: ["main"])
        let few = try await cut.merge(Self.everything, range: Self.ever, callSite: ["main"])
        #expect(few.total == all.total && few.values.count < all.values.count)
    }

    @Test(arguments: [0, -1] as [Int64])
    func `a step below a millisecond is the asker's fault`(_ step: Int64) async throws {
        let engine = try await engine(QueryLimits())
        let error = await #expect(throws: QueryError.self) {
            _ = try await engine.points(Self.everything, range: Self.ever, stepMilliseconds: step)
        }
        #expect(error?.code == .invalid && error?.parameter == "step")
    }

    @Test func `odd ranges and steps overflow nothing`() async throws {
        let engine = try await engine(QueryLimits())
        for bounds in [
            (Int64.min, Int64.max), (.min, .min), (.max, .max), (0, 0), (-5, 5), (0, .max),
        ] {
            for step in [Int64.max, 1 << 43, 1 << 42] {
                let range = between(bounds.0, bounds.1)
                _ = try await engine.points(Self.everything, range: range, stepMilliseconds: step)
                _ = try await engine.heatmap(Self.everything, range: range, stepMilliseconds: step)
            }
            _ = try await engine.merge(Self.everything, range: between(bounds.0, bounds.1))
        }
    }

    @Test func `a query that takes too long is given up, and the store stops reading`() async throws
    {
        let store = EndlessStore()
        let engine = QueryEngine(store: store, limits: QueryLimits(time: .milliseconds(20)))
        let error = await #expect(throws: QueryError.self) {
            _ = try await engine.merge(Self.everything, range: Self.ever)
        }
        #expect(error?.code == .tooMuch)
        #expect(store.stopped.withLock { $0 } == 1)
    }

    @Test func `a query given up leaves the store on disk as it was`() async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/hearth-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let windows = RandomWindows(seed: 3)
        let store = try await windows.store(in: SQLiteProfileStore(directory: directory))
        let total = windows.windows.reduce(0) { $0 + $1.total }
        for _ in 0..<50 {
            let hasty = QueryEngine(store: store, limits: QueryLimits(time: .zero))
            do {
                // The answer may be quicker than a limit of nothing.
                #expect(try await hasty.merge(Self.everything, range: Self.ever).total == total)
            } catch {
                #expect(error.code == .tooMuch)
            }
        }
        let patient = QueryEngine(store: store)
        #expect(try await patient.merge(Self.everything, range: Self.ever).total == total)
        await store.close()
    }

    @Test func `a query nobody waits for is given up, and the store stops reading`() async throws {
        let store = EndlessStore()
        let engine = QueryEngine(store: store, limits: QueryLimits(time: nil))
        let task = Task { try await engine.merge(Self.everything, range: Self.ever) }
        await store.begun.first { _ in true }
        task.cancel()
        let error = await #expect(throws: QueryError.self) { _ = try await task.value }
        #expect(error?.code == .cancelled)
        #expect(store.stopped.withLock { $0 } == 1)
    }
}

/// A store that reads for ever, unless it is told to stop.
private final class EndlessStore: ProfileStore {
    /// An element per read that has begun.
    let begun: AsyncStream<Void>
    private let begin: AsyncStream<Void>.Continuation
    let stopped = Mutex(0)

    init() { (begun, begin) = AsyncStream.makeStream() }

    private func read() async throws(StoreError) -> Never {
        begin.yield()
        do {
            while true { try await Task.sleep(for: .milliseconds(1)) }
        } catch {
            stopped.withLock { $0 += 1 }
            throw StoreError(.cancelled, "the query was cancelled")
        }
    }

    func write(_ batch: ProfileBatch) async throws(StoreError) {}

    func mergeStacks(
        _ matchers: [LabelMatcher], type: ProfileType, range: TimeRange, stackLimit: Int
    ) async throws(StoreError) -> MergedProfile { try await read() }

    func totals(
        _ matchers: [LabelMatcher], type: ProfileType, range: TimeRange
    ) async throws(StoreError) -> [SeriesTotals] { try await read() }

    func profileTypes(in range: TimeRange?) async throws(StoreError) -> [ProfileType] { [] }

    func series(
        _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [SeriesKey] { [] }

    func labelNames(
        _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [String] { [] }

    func labelValues(
        _ name: String, _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [String] { [] }

    func status() async -> StoreStatus {
        StoreStatus(
            problem: nil, seriesCount: 0, partitionCount: 0, bytesOnDisk: 0, pairsWritten: 0,
            oldest: nil, newest: nil)
    }

    func close() async {}
}
