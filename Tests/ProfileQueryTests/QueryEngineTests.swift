import ProfileModel
import ProfileStore
import Testing

@testable import ProfileQuery

@Suite struct QueryEngineTests {
    private static let cpu = ProfileType.cpu.id
    private static let start: Int64 = 1_800_000_000

    private func store() async throws -> MemoryProfileStore {
        let store = MemoryProfileStore()
        for (name, values) in [("web", [10, 20, 30]), ("db", [5, 0, 5])] as [(String, [Int64])] {
            for (index, value) in values.enumerated() where value > 0 {
                var table = StackTable()
                let location = table.intern(
                    Location(
                        named: [Line(function: Function(name: name))], kind: .native, module: "m"))
                let stack = table.intern(stack: [location])
                try await store.write(
                    ProfileBatch(
                        table: table,
                        profiles: [
                            Profile(
                                labels: LabelSet([Label("service_name", name)]), type: .cpu,
                                start: Timestamp(
                                    milliseconds: (Self.start + Int64(index) * 15) * 1000),
                                durationMilliseconds: 15_000, period: 1,
                                values: [StackValue(stack: stack, value: value)])
                        ]))
            }
        }
        return store
    }

    private var range: TimeRange {
        get throws {
            try #require(
                TimeRange(
                    Timestamp(milliseconds: Self.start * 1000),
                    Timestamp(milliseconds: (Self.start + 59) * 1000)))
        }
    }

    @Test func `merges what a selector picks`() async throws {
        let engine = QueryEngine(store: try await store())
        let all = try await engine.merge(Selector(Self.cpu + "{}"), range: range)
        #expect(all.total == 70)
        let one = try await engine.merge(
            Selector(Self.cpu + #"{service_name="web"}"#), range: range)
        #expect(one.total == 60)
    }

    @Test func `draws a line over time, and one per group, largest first`() async throws {
        let engine = QueryEngine(store: try await store())
        let line = try await engine.timeline(Selector(Self.cpu + "{}"), range: range)
        #expect(line.stepSeconds == 15)
        #expect(line.values == [15, 20, 35, 0])
        let lines = try await engine.timelines(
            Selector(Self.cpu + "{}"), range: range, stepSeconds: 30, groupBy: ["service_name"])
        #expect(lines.map { $0.labels["service_name"] } == ["web", "db"])
        #expect(lines.map(\.timeline.values) == [[30, 30], [5, 5]])
    }

    @Test func `lists label values`() async throws {
        let engine = QueryEngine(store: try await store())
        let values = try await engine.labelValues("service_name")
        #expect(values == ["db", "web"])
    }

    @Test func `a limit that is passed is told, not hidden`() async throws {
        let limits = QueryLimits(stacks: 10, steps: 2, groups: 10, range: .seconds(30))
        let engine = QueryEngine(store: try await store(), limits: limits)
        let tooLong = await #expect(throws: QueryError.self) {
            _ = try await engine.merge(Selector(Self.cpu + "{}"), range: range)
        }
        #expect(tooLong?.code == .tooMuch)
    }

    @Test func `wants to know what to merge`() async throws {
        let engine = QueryEngine(store: try await store())
        let error = await #expect(throws: QueryError.self) {
            _ = try await engine.merge(Selector("{}"), range: range)
        }
        #expect(error?.parameter == "query")
    }

    @Test func `a bad regular expression is the asker's fault`() async throws {
        let engine = QueryEngine(store: try await store())
        let error = await #expect(throws: QueryError.self) {
            _ = try await engine.merge(Selector(Self.cpu + #"{service_name=~"("}"#), range: range)
        }
        #expect(error?.code == .invalid)
    }
}
