import Foundation
import ProfileModel
import Testing

@testable import ProfileStore

/// The contract of `ProfileStore`, held by every implementation alike.
@Suite struct StoreContractTests {
    /// Runs `body` against each store.
    private func each(_ body: (any ProfileStore) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        for store in [
            MemoryProfileStore(), try await SQLiteProfileStore(directory: directory.path),
        ]
            as [any ProfileStore]
        {
            try await body(store)
            await store.close()
        }
    }

    @Test func `adds equal keys together, and keeps windows apart by time`() async throws {
        try await each { store in
            try await store.write(batch(at: noon, ["web": "main;f 3\nmain;g 1"]))
            try await store.write(batch(at: noon, ["web": "main;f 4"]))
            try await store.write(batch(at: noon + 10, ["web": "main;f 100"]))
            let first = try await store.mergeStacks([], type: .cpu, range: range(noon, noon + 9))
            #expect(folded(first) == ["main;f": 7, "main;g": 1])
            #expect(first.period == 10)
            let both = try await store.mergeStacks([], type: .cpu, range: range(noon, noon + 10))
            #expect(folded(both) == ["main;f": 107, "main;g": 1])
            let none = try await store.mergeStacks(
                [], type: .cpu, range: range(noon + 11, noon + 60))
            #expect(none.values.isEmpty)
            let totals = try await store.totals([], type: .cpu, range: ever)
            #expect(totals.map(\.points).flatMap { $0.map(\.value) } == [8, 100])
        }
    }

    @Test(arguments: [
        (LabelMatcher("service_name", .equal, "web"), ["web"]),
        (LabelMatcher("service_name", .notEqual, "web"), ["db", "worker"]),
        (LabelMatcher("service_name", .matches, "w.*"), ["web", "worker"]),
        (LabelMatcher("service_name", .matches, "w"), []),
        (LabelMatcher("service_name", .doesNotMatch, "w.*"), ["db"]),
        (LabelMatcher("zone", .equal, ""), ["db", "web", "worker"]),
        (LabelMatcher("zone", .notEqual, ""), []),
        (LabelMatcher("zone", .matches, "|a"), ["db", "web", "worker"]),
        (LabelMatcher("host", .equal, "h"), ["db", "web", "worker"]),
        (LabelMatcher("__profile_type__", .equal, ProfileType.cpu.id), ["db", "web", "worker"]),
        (LabelMatcher("__name__", .equal, "memory"), []),
    ])
    func `selects by labels as Prometheus does`(matcher: LabelMatcher, names: [String]) async throws
    {
        try await each { store in
            try await store.write(
                batch(
                    at: noon, ["web": "web 1", "db": "db 1", "worker": "worker 1"],
                    labels: [Label("host", "h")]))
            let merged = try await store.mergeStacks([matcher], type: .cpu, range: ever)
            #expect(folded(merged).keys.sorted() == names)
            let values = try await store.labelValues("service_name", [matcher], in: nil)
            #expect(values == names)
        }
    }

    @Test func `lists types, names and values of a range`() async throws {
        try await each { store in
            try await store.write(batch(at: noon, ["web": "a 1"], labels: [Label("zone", "x")]))
            try await store.write(
                batch(at: noon + 7200, ["db": "a 1"], labels: [Label("rack", "y")]))
            #expect(try await store.profileTypes(in: nil) == [.cpu])
            #expect(try await store.profileTypes(in: range(0, 10)).isEmpty)
            #expect(try await store.labelNames([], in: nil) == ["rack", "service_name", "zone"])
            #expect(
                try await store.labelNames([], in: range(noon, noon + 60)) == [
                    "service_name", "zone",
                ])
            #expect(
                try await store.labelValues("service_name", [], in: range(noon, noon + 60)) == [
                    "web"
                ])
            #expect(try await store.labelValues("__type__", [], in: nil) == ["cpu"])
            #expect(try await store.labelValues("absent", [], in: nil).isEmpty)
        }
    }

    @Test func `lists the series of a range, each once`() async throws {
        try await each { store in
            try await store.write(batch(at: noon, ["web": "a 1"], labels: [Label("zone", "x")]))
            try await store.write(
                batch(at: noon + 10, ["web": "b 1"], labels: [Label("zone", "x")]))
            try await store.write(batch(at: noon + 7200, ["db": "a 1"]))
            let web = SeriesKey(
                labels: LabelSet([Label("service_name", "web"), Label("zone", "x")]), type: .cpu)
            let db = SeriesKey(labels: LabelSet([Label("service_name", "db")]), type: .cpu)
            let all = try await store.series([], in: nil)
            #expect(all.count == 2 && Set(all) == [web, db])
            let matcher = LabelMatcher("zone", .equal, "")
            #expect(try await store.series([matcher], in: nil) == [db])
            #expect(try await store.series([], in: range(noon, noon + 60)) == [web])
            #expect(try await store.series([], in: range(noon + 11, noon + 7199)).isEmpty)
        }
    }

    @Test func `beyond a limit the largest stacks are told apart, and the total stays true`()
        async throws
    {
        try await each { store in
            let text = (1...500).map { "main;f\($0) \($0)" }.joined(separator: "\n")
            try await store.write(batch(at: noon, ["web": text]))
            let cut = try await store.mergeStacks([], type: .cpu, range: ever, stackLimit: 20)
            #expect(cut.total == 125_250)
            #expect(cut.values.count < 100)
            #expect(folded(cut)["main;f500"] == 500)
            #expect((folded(cut)["other"] ?? 0) > 0)
        }
    }

    @Test func `takes late windows, and batches that span partitions`() async throws {
        try await each { store in
            try await store.write(batch(at: noon, ["web": "a 1"]))
            try await store.write(batch(at: noon - 86_400, ["web": "a 2"]))
            var spanning = batch(at: noon - 1, ["web": "a 4"])
            let later = batch(at: noon + 21_600, ["web": "a 8"])
            spanning.profiles += later.profiles
            spanning.table = later.table
            try await store.write(spanning)
            let all = try await store.mergeStacks([], type: .cpu, range: ever)
            #expect(folded(all) == ["a": 15])
            #expect(await store.status().partitionCount == 4)
            let points = try await store.totals([], type: .cpu, range: ever).flatMap(\.points)
            #expect(points.map(\.value) == [2, 4, 1, 8])
        }
    }

    @Test func `keeps nothing of a batch that cannot be stored`() async throws {
        try await each { store in
            var bad = batch(at: noon, ["web": "a 1"])
            bad.profiles += batch(at: -5, ["db": "a 1"]).profiles
            await #expect(throws: StoreError.self) { try await store.write(bad) }
            #expect(try await store.mergeStacks([], type: .cpu, range: ever).values.isEmpty)
            try await store.write(ProfileBatch(table: StackTable(), profiles: []))
            #expect(await store.status().problem == nil)
        }
    }

    @Test func `sums saturate, and negative values are values`() async throws {
        try await each { store in
            try await store.write(batch(at: noon, ["web": "a \(Int64.max)\nb -5"]))
            try await store.write(batch(at: noon, ["web": "a 10\nb 2"]))
            let merged = try await store.mergeStacks([], type: .cpu, range: ever)
            #expect(folded(merged) == ["a": .max, "b": -3])
        }
    }

    @Test func `a closed store says so`() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteProfileStore(directory: directory.path)
        await store.close()
        let error = await #expect(throws: StoreError.self) {
            try await store.write(batch(at: noon, ["web": "a 1"]))
        }
        #expect(error?.code == .closed)
    }

    @Test func `answers as the store in memory does, whatever was written`() async throws {
        let directory = try TemporaryDirectory()
        let disk = try await SQLiteProfileStore(directory: directory.path)
        let memory = MemoryProfileStore()
        var random = SeededGenerator(seed: 7)
        for round in 0..<120 {
            var applications: [String: String] = [:]
            for name in ["web", "db", "batch job"] where Bool.random(using: &random) {
                applications[name] = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                    let path = (0...Int.random(in: 0...4, using: &random)).map { _ in
                        "f\(Int.random(in: 0...9, using: &random))"
                    }
                    return
                        "\(path.joined(separator: ";")) \(Int.random(in: 1...99, using: &random))"
                }.joined(separator: "\n")
            }
            let second = noon + Int64.random(in: -90_000...90_000, using: &random)
            let labels = Bool.random(using: &random) ? [Label("zone", "z\(round % 3)")] : []
            let written = batch(at: second, applications, labels: labels)
            try await disk.write(written)
            try await memory.write(written)
            guard round.isMultiple(of: 4) else { continue }
            let from = noon + Int64.random(in: -90_000...90_000, using: &random)
            let asked = range(from, from + Int64.random(in: 0...90_000, using: &random))
            let matchers =
                [
                    [], [LabelMatcher("zone", .equal, "")],
                    [LabelMatcher("zone", .matches, "z[01]")],
                    [LabelMatcher("service_name", .notEqual, "db")],
                ].randomElement(using: &random) ?? []
            let (one, other) = (
                try await disk.mergeStacks(matchers, type: .cpu, range: asked),
                try await memory.mergeStacks(matchers, type: .cpu, range: asked)
            )
            #expect(folded(one) == folded(other), "round \(round)")
            let (lines, others) = (
                try await disk.totals(matchers, type: .cpu, range: asked),
                try await memory.totals(matchers, type: .cpu, range: asked)
            )
            #expect(
                Dictionary(uniqueKeysWithValues: lines.map { ($0.labels, $0.points) })
                    == Dictionary(uniqueKeysWithValues: others.map { ($0.labels, $0.points) }))
            #expect(
                try await disk.labelNames(matchers, in: asked)
                    == memory.labelNames(matchers, in: asked))
        }
        await disk.close()
        let again = try await SQLiteProfileStore(directory: directory.path)
        let (one, other) = (
            try await again.mergeStacks([], type: .cpu, range: ever),
            try await memory.mergeStacks([], type: .cpu, range: ever)
        )
        #expect(folded(one) == folded(other))
    }
}

/// xorshift64*: the same choices in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_f491_4f6c_dd1d
    }
}
