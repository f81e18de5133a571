import ProfileModel
import ProfileStore
import Testing

@testable import ProfileQuery

/// Label sets, and applications as Pyroscope 0.x named them.
@Suite struct SeriesTests {
    /// One window per (service, profile type id).
    private func engine(_ series: [(String, String)]) async throws -> QueryEngine {
        let store = MemoryProfileStore()
        for (index, (service, id)) in series.enumerated() {
            var table = StackTable()
            let stack = table.intern(stack: [])
            try await store.write(
                ProfileBatch(
                    table: table,
                    profiles: [
                        Profile(
                            labels: LabelSet([
                                Label("service_name", service), Label("host", "h\(index)"),
                            ]), type: try #require(ProfileType(id: id)),
                            start: Timestamp(milliseconds: 1_800_000_000_000 + Int64(index) * 1000),
                            durationMilliseconds: 1000, period: 0,
                            values: [StackValue(stack: stack, value: 1)])
                    ]))
        }
        return QueryEngine(store: store)
    }

    private static let cpu = ProfileType.cpu.id
    private static let space = "memory:alloc_space:bytes:space:bytes"

    @Test func `projects series on labels, their own and derived ones`() async throws {
        let engine = try await engine([("web", Self.cpu), ("web", Self.space), ("db", Self.cpu)])
        let names = ["service_name", "__profile_type__"]
        let pairs = try await engine.series([], labelNames: names)
        #expect(
            pairs.map { $0.labels.map(\.value) } == [
                [Self.space, "web"], [Self.cpu, "db"], [Self.cpu, "web"],
            ])
        let services = try await engine.series([], labelNames: ["service_name"])
        #expect(services.map { $0["service_name"] } == ["db", "web"])
        let whole = try await engine.series([Selector(#"{service_name="db"}"#)])
        #expect(
            whole == [
                LabelSet([
                    Label("__name__", "process_cpu"), Label("__period_type__", "cpu"),
                    Label("__period_unit__", "nanoseconds"), Label("__profile_type__", Self.cpu),
                    Label("__type__", "cpu"), Label("__unit__", "nanoseconds"),
                    Label("host", "h2"), Label("service_name", "db"),
                ])
            ])
        #expect(try await engine.series([], range: between(0, 1)).isEmpty)
    }

    @Test func `any of several selectors is enough`() async throws {
        let engine = try await engine([("web", Self.cpu), ("web", Self.space), ("db", Self.cpu)])
        let selectors = [try Selector(#"{host="h1"}"#), try Selector(#"{host="h2"}"#)]
        let hosts = try await engine.series(selectors, labelNames: ["host"])
        #expect(hosts.map { $0["host"] } == ["h1", "h2"])
        #expect(try await engine.labelValues("service_name", selectors) == ["db", "web"])
        #expect(try await engine.labelValues("__name__", selectors) == ["memory", "process_cpu"])
        #expect(try await engine.labelNames(selectors) == ["host", "service_name"])
        #expect(try await engine.labelValues("host", [Selector(Self.space + "{}")]) == ["h1"])
        #expect(try await engine.labelValues("__name__") == [Self.space, Self.cpu])
    }

    @Test func `the span is from the oldest to the newest window`() async throws {
        #expect(try await engine([]).span() == nil)
        let span = try await engine([("a", Self.cpu), ("b", Self.cpu), ("c", Self.cpu)]).span()
        #expect(span?.lowerBound.milliseconds == 1_800_000_000_000)
        #expect(span?.upperBound.milliseconds == 1_800_000_002_000)
    }

    @Test(
        arguments: [
            // What was stored, the query, and what it means.
            ("app.cpu", [("app", cpu)], "app", cpu),
            ("app", [("app", cpu)], "app", cpu),
            ("my.app", [("my.app", cpu)], "my.app", cpu),
            ("my.app", [], "my.app", cpu),
            ("my.cpu", [("my.cpu", cpu)], "my.cpu", cpu),
            ("app.cpu", [], "app", cpu),
            ("app.itimer", [], "app", cpu),
            ("app.alloc_space", [], "app", "memory:alloc_space:bytes::"),
            ("app.alloc_space", [("app", space)], "app", space),
            (
                "app.alloc_space", [("app", space), ("app", "memory:alloc_space:bytes::")], "app",
                "memory:alloc_space:bytes::"
            ),
            (
                "app.goroutines", [("app", "goroutine:goroutine:count:goroutine:count")], "app",
                "goroutine:goroutine:count:goroutine:count"
            ),
            (
                "app.wall", [("app", "wall:wall:nanoseconds:wall:nanoseconds")], "app",
                "wall:wall:nanoseconds:wall:nanoseconds"
            ),
            (
                "app.off_cpu", [("app", "off_cpu:off_cpu:nanoseconds::")], "app",
                "off_cpu:off_cpu:nanoseconds::"
            ),
            ("app.faults", [("app", "memory:faults:count::")], "app", "memory:faults:count::"),
            (".cpu", [], ".cpu", cpu),
        ] as [(String, [(String, String)], String, String)])
    func `understands how Pyroscope 0.x named applications`(
        query: String, stored: [(String, String)], service: String, id: String
    ) async throws {
        let engine = try await engine(stored)
        for (text, conditions) in [(query, []), (query + #"{host="h"}"#, ["h"])] {
            let selector = try await engine.selector(application: text)
            #expect(selector.type?.id == id)
            #expect(selector.matchers.map(\.value) == [service] + conditions)
        }
    }

    @Test func `every application that is listed can be asked for`() async throws {
        let stored = [
            ("web", Self.cpu), ("web", Self.space), ("my.app", Self.cpu),
            ("x", "mutex:delay:nanoseconds:contentions:count"), ("y", "a:b:c::"),
            ("h:80", Self.cpu), ("a  b", Self.cpu),
        ]
        let engine = try await engine(stored)
        let names = try await engine.applications()
        #expect(
            names == [
                "a  b.cpu", "h:80.cpu", "my.app.cpu", "web.alloc_space", "web.cpu",
                "x.mutex_duration", "y.b",
            ])
        for name in names {
            let selector = try await engine.selector(application: name)
            #expect(try await engine.labelValues("host", [selector]).count == 1, "\(name)")
        }
    }

    @Test func `a selector with a type is itself`() async throws {
        let text = Self.space + #"{a="b"}"#
        let selector = try await engine([]).selector(application: text)
        #expect(selector == (try Selector(text)))
        let error = await #expect(throws: QueryError.self) {
            _ = try await engine([]).selector(application: "app.cpu{a=", parameter: "leftQuery")
        }
        #expect(error?.parameter == "leftQuery")
    }
}
