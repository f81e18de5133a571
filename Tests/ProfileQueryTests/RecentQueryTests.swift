import Foundation
import ProfileModel
import ProfileStore
import RecentSamples
import Testing

@testable import ProfileQuery

/// A ring, and a plain list of what is in it.
private final class Machine {
    struct Sample {
        /// Microseconds.
        let time: Int64
        let cpu: UInt32
        let pid: UInt32
        let tid: UInt32
        let service: String
        let stack: [String]
    }

    static let start: Int64 = 1_800_000_000
    static let period: Int64 = 10_309_278
    let ring: RecentSamples
    private(set) var samples: [Sample] = []
    private let directory: String

    /// Windows of ten seconds of a machine with two CPUs.
    init(windows: Int, options: RecentOptions = RecentOptions(spanMilliseconds: 600_000)) throws {
        directory = NSTemporaryDirectory() + "hearth-recent-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        ring = RecentSamples(directory: directory, options: options)
        for index in 0..<windows {
            try add(at: Self.start + Int64(index) * 10, Self.random(Self.start + Int64(index) * 10))
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    static func random(_ second: Int64) -> [Sample] {
        var samples: [Sample] = []
        for cpu in UInt32(0)...1 {
            var time = second * 1_000_000 + Int64.random(in: 0..<10_000)
            while time < (second + 10) * 1_000_000 {
                if Int.random(in: 0..<3) > 0 {
                    let pid = UInt32.random(in: 1...9)
                    samples.append(
                        Sample(
                            time: time, cpu: cpu, pid: pid,
                            tid: pid * 10 + UInt32.random(in: 0...2), service: "s\(pid % 3)",
                            stack: ["leaf\(Int.random(in: 0...9))", "main"]))
                }
                time += 10_309 + Int64.random(in: -40...40)
            }
        }
        return samples
    }

    func add(at second: Int64, _ new: [Sample]) throws {
        samples += new
        var table = StackTable()
        let names = (0..<3).map { "s\($0)" }
        let rows = new.map { sample in
            let stack = sample.stack.map { name in
                table.intern(
                    Location(
                        named: [Line(function: Function(name: name))], kind: .native, module: "m"))
            }
            return RecentWindow.Sample(
                offset: UInt32(sample.time - second * 1_000_000), cpu: sample.cpu,
                pid: sample.pid, tid: sample.tid, series: names.firstIndex(of: sample.service) ?? 0,
                stack: table.intern(stack: stack))
        }
        try ring.add(
            RecentWindow(
                start: Timestamp(milliseconds: second * 1000), durationMilliseconds: 10_000,
                period: Self.period,
                series: names.map { LabelSet([Label("service_name", $0), Label("comm", $0)]) },
                table: table, samples: rows))
    }

    /// Samples from one millisecond to another, both included.
    func find(_ from: Int64, _ until: Int64, _ matches: (Sample) -> Bool) -> [Sample] {
        samples.filter { $0.time / 1000 >= from && $0.time / 1000 <= until && matches($0) }
    }
}

private func range(_ from: Int64, _ until: Int64) throws -> TimeRange {
    try #require(TimeRange(Timestamp(milliseconds: from), Timestamp(milliseconds: until)))
}

@Suite struct RecentQueryTests {
    /// Conditions, and what they mean.
    private static let selectors: [(text: String, matches: @Sendable (Machine.Sample) -> Bool)] = [
        ("{}", { _ in true }),
        ("{pid=\"3\"}", { $0.pid == 3 }),
        ("{pid!=\"3\",service_name=\"s0\"}", { $0.pid != 3 && $0.service == "s0" }),
        ("{pid=~\"[1-4]\"}", { (1...4).contains($0.pid) }),
        ("{tid=\"31\"}", { $0.tid == 31 }),
        ("{tid!~\"3.\"}", { $0.tid / 10 != 3 }),
        ("{cpu=\"1\"}", { $0.cpu == 1 }),
        ("{cpu!=\"1\"}", { $0.cpu != 1 }),
        ("{cpu=~\"0|7\",pid=~\"1|2\",comm!=\"s2\"}", { $0.cpu == 0 && $0.pid == 1 }),
        ("{cpu=\"2\"}", { _ in false }),
        ("{pid=\"03\"}", { _ in false }),
        ("{service_name=\"s1\"}", { $0.service == "s1" }),
        ("process_cpu:cpu:nanoseconds:cpu:nanoseconds{pid=~\"\"}", { _ in false }),
    ]

    @Test func `answers as a plain list of samples would`() async throws {
        let machine = try Machine(windows: 13)
        let query = RecentQuery(machine.ring)
        let first = Machine.start * 1000
        for (text, matches) in Self.selectors {
            let selector = try Selector(text)
            for _ in 0..<6 {
                let from = first + Int64.random(in: 0...129_000)
                let until = from + Int64.random(in: 0...20_000)
                let span = try range(from, until)
                let expected = machine.find(from, until, matches)
                let merged = try await query.merge(selector, range: span)
                var byStack: [[String]: Int64] = [:]
                for sample in expected { byStack[sample.stack, default: 0] += Machine.period }
                var found: [[String]: Int64] = [:]
                for value in merged.values {
                    let stack = merged.table.locations(of: value.stack).flatMap(\.names)
                    found[stack, default: 0] += value.value
                }
                #expect(found == byStack, "\(text) from \(from) to \(until)")
                #expect(merged.period == (expected.isEmpty ? 0 : Machine.period))
                let processes = try await query.processes(selector, range: span)
                #expect(processes.reduce(0) { $0 + $1.samples } == expected.count)
                for process in processes {
                    let own = expected.filter { $0.pid == process.pid }
                    #expect(process.samples == own.count)
                    #expect(process.threads == Set(own.map(\.tid)).count)
                    #expect(process.labels["service_name"] == own.first?.service)
                }
                try await compareHeatmaps(query, selector, span, expected)
            }
        }
    }

    private func compareHeatmaps(
        _ query: RecentQuery, _ selector: Selector, _ span: TimeRange,
        _ expected: [Machine.Sample]
    ) async throws {
        let step = Int64.random(in: 1...3000)
        let rows = Int.random(in: 1...20)
        let parts = try await query.heatmap(
            selector, range: span, stepMilliseconds: step, rows: .parts(rows))
        let cpus = try await query.heatmap(
            selector, range: span, stepMilliseconds: step, rows: .cpus)
        #expect(parts.start.milliseconds == span.start.milliseconds / step * step)
        #expect(cpus.cpus == Set(expected.map(\.cpu)).sorted())
        var plain = Array(repeating: Array(repeating: Int64(0), count: parts.columns), count: rows)
        var plainCPUs = Array(
            repeating: Array(repeating: Int64(0), count: parts.columns), count: cpus.cpus.count)
        for sample in expected {
            let distance = sample.time - parts.start.milliseconds * 1000
            let column = Int(distance / (step * 1000))
            let row = Int(Double(distance % (step * 1000)) * Double(rows) / Double(step * 1000))
            plain[row][column] += Machine.period
            plainCPUs[try #require(cpus.cpus.firstIndex(of: sample.cpu))][column] += Machine.period
        }
        #expect(parts.values == plain)
        #expect(cpus.values == plainCPUs)
    }

    @Test func `ranges hold to the millisecond, both ends included`() async throws {
        let machine = try Machine(windows: 0)
        let times: [Int64] = [999, 1000, 1999, 2000, 2999, 3000, 9_999_999]
        try machine.add(
            at: Machine.start,
            times.map {
                Machine.Sample(
                    time: Machine.start * 1_000_000 + $0, cpu: 0, pid: 1, tid: 1, service: "s1",
                    stack: ["a"])
            })
        let query = RecentQuery(machine.ring)
        let start = Machine.start * 1000
        for (from, until, count) in [
            (0, 0, 1), (1, 1, 2), (1, 2, 4), (2, 2, 2), (0, 9999, 7), (9999, 9999, 1),
            (10_000, 12_000, 0), (4, 9998, 0),
        ] as [(Int64, Int64, Int64)] {
            let merged = try await query.merge(
                Selector("{}"), range: range(start + from, start + until))
            #expect(merged.total == count * Machine.period, "\(from) to \(until)")
        }
    }

    @Test func `refuses ranges of which it has dropped samples, and says what it has`() async throws
    {
        let machine = try Machine(
            windows: 40, options: RecentOptions(spanMilliseconds: 120_000))
        let query = RecentQuery(machine.ring)
        let holdings = query.holdings
        let start = try #require(holdings.start).milliseconds
        let end = try #require(holdings.end).milliseconds
        #expect(start > Machine.start * 1000)
        #expect(try await query.merge(Selector("{}"), range: range(start, end)).total > 0)
        for from in [0, start - 1] {
            let error = await #expect(throws: QueryError.self) {
                try await query.merge(Selector("{}"), range: range(from, end))
            }
            #expect(error?.code == .invalid)
            #expect(error?.parameter == "from")
            #expect(error?.message.contains("from \(start) to \(end)") == true)
        }
        let none = try await query.merge(Selector("{}"), range: range(end + 1, end + 5000))
        #expect(none.total == 0, "what is not closed yet is no error")
    }

    @Test func `has everything since it began, and nothing before`() async throws {
        let machine = try Machine(windows: 2)
        let query = RecentQuery(machine.ring)
        let start = Machine.start * 1000
        let all = try await query.merge(
            Selector("{}"), range: range(start - 3_600_000, start + 20_000))
        #expect(all.total == Int64(machine.samples.count) * Machine.period)
        await #expect(throws: QueryError.self) {
            try await query.merge(Selector("{}"), range: range(start - 20_000, start - 10_000))
        }
    }

    @Test(arguments: [
        ("memory:alloc_space:bytes:space:bytes{}", "query"), ("{pid=~\"(\"}", "query"),
    ])
    func `refuses what it cannot answer`(_ text: String, _ parameter: String) async throws {
        let machine = try Machine(windows: 1)
        let query = RecentQuery(machine.ring)
        let error = await #expect(throws: QueryError.self) {
            try await query.merge(
                Selector(text), range: range(Machine.start * 1000, Machine.start * 1000 + 1))
        }
        #expect(error?.code == .invalid)
        #expect(error?.parameter == parameter)
    }

    @Test func `bounds a heatmap's cells`() async throws {
        let machine = try Machine(windows: 1)
        let query = RecentQuery(machine.ring)
        let start = Machine.start * 1000
        for (step, rows, code) in [
            (1, Heatmap.Rows.parts(1000), QueryError.Code.tooMuch), (1, .cpus, .tooMuch),
            (0, .cpus, .invalid), (1, .parts(1001), .invalid),
        ] as [(Int64, Heatmap.Rows, QueryError.Code)] {
            let error = await #expect(throws: QueryError.self) {
                try await query.heatmap(
                    Selector("{}"), range: range(start, start + 499_999), stepMilliseconds: step,
                    rows: rows)
            }
            #expect(error?.code == code, "\(step) \(rows)")
        }
    }

    @Test func `the engine asks it when a selector names a process, and when told to`() async throws
    {
        let machine = try Machine(windows: 3)
        let engine = QueryEngine(store: MemoryProfileStore(), recent: machine.ring)
        let start = Machine.start * 1000
        let span = try range(start, start + 29_999)
        let type = ProfileType.cpu.id
        let one = try await engine.merge(Selector(type + "{pid=\"3\"}"), range: span)
        let count = machine.samples.filter { $0.pid == 3 }.count
        #expect(one.total == Int64(count) * Machine.period)
        #expect(try await engine.merge(Selector(type + "{}"), range: span).total == 0)
        let all = try await engine.merge(Selector(type + "{}"), range: span, source: .recent)
        #expect(all.total == Int64(machine.samples.count) * Machine.period)
        let line = try await engine.timeline(
            Selector(type + "{cpu=\"1\"}"), range: span, stepSeconds: 10)
        #expect(
            line.values
                == (0..<3).map { index in
                    Int64(
                        machine.samples.filter {
                            $0.cpu == 1
                                && ($0.time / 1_000_000 - Machine.start) / 10 == Int64(index)
                        }.count) * Machine.period
                })
        let lines = try await engine.timelines(
            Selector(type + "{pid=~\".+\"}"), range: span, stepSeconds: 60, groupBy: ["pid", "cpu"])
        #expect(lines.count == 18)
        #expect(lines.first?.labels.labels.map(\.name) == ["cpu", "pid"])
        let points = try await engine.points(
            Selector(type + "{pid=\"3\"}"), range: range(start, start + 30_000),
            stepMilliseconds: 10_000, groupBy: ["tid"])
        #expect(
            Set(points.map(\.labels)) == Set((30...32).map { LabelSet([Label("tid", "\($0)")]) }))
        #expect(points.flatMap(\.points).reduce(0) { $0 + $1.value } == Double(one.total))
        let leaf = try await engine.merge(
            Selector(type + "{pid=\"3\"}"), range: span, callSite: ["main", "leaf4"])
        let ofLeaf = machine.samples.filter { $0.pid == 3 && $0.stack[0] == "leaf4" }
        #expect(leaf.total == Int64(ofLeaf.count) * Machine.period)
        await #expect(throws: QueryError.self) {
            try await QueryEngine(store: MemoryProfileStore()).merge(
                Selector(type + "{}"), range: span, source: .recent)
        }
    }

    @Test func `stops when nobody waits any more`() async throws {
        let machine = try Machine(windows: 2)
        let ring = machine.ring
        let task = Task {
            withUnsafeCurrentTask { unsafe $0?.cancel() }
            return try await RecentQuery(ring).merge(
                Selector("{}"), range: range(Machine.start * 1000, Machine.start * 1000 + 20_000))
        }
        let result = await task.result
        #expect(throws: QueryError(.cancelled, "the query was cancelled")) { try result.get() }
    }
}
