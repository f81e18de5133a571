import Foundation
import ProfileModel
import Testing

@testable import ProfileStore

/// Hours rolled up: made once an hour is over, exactly what the raw windows say, used only while true.
@Suite struct RollUpTests {
    private func time(_ second: Int64) -> Timestamp { Timestamp(milliseconds: second * 1000) }

    private func open(
        _ directory: String, _ retention: RetentionPolicy = RetentionPolicy()
    ) async throws -> SQLiteProfileStore {
        try await SQLiteProfileStore(
            directory: directory,
            options: StoreOptions(retention: retention, rollUpDelay: 0))
    }

    /// Hours that are rolled up and true, of the whole store.
    private func cleanHours(_ store: SQLiteProfileStore) async throws -> [Int64] {
        var marks: [Int64: Int64] = [:]
        var complete: [Int64: Int64] = [:]
        for id in store.state.partitions.all {
            let hours = try await store.read(id) { try $0.hours() } ?? [:]
            if id.level == .raw {
                marks.merge(hours) { $1 }
            } else {
                complete.merge(hours) { $1 }
            }
        }
        return marks.filter { complete[$0.key] == $0.value }.keys.sorted()
    }

    private func sum(
        _ store: some ProfileStore, _ asked: TimeRange = ever
    ) async throws -> [String: Int64] {
        folded(try await store.mergeStacks([], type: .cpu, range: asked))
    }

    @Test func `an hour is rolled up when later data comes`() async throws {
        let directory = try TemporaryDirectory()
        let store = try await open(directory.path)
        try await store.write(batch(at: noon + 10, ["web": "main;f 3", "db": "g 1"]))
        try await store.write(batch(at: noon + 20, ["web": "main;f 4"]))
        #expect(try await cleanHours(store).isEmpty)
        for second in [3600, 3610] as [Int64] {
            try await store.write(batch(at: noon + second, ["web": "main;h 1"]))
        }
        #expect(try await cleanHours(store) == [noon / 3600])
        #expect(await store.status().hourlyPartitionCount == 1)
        #expect(try await sum(store, range(noon, noon + 3599)) == ["main;f": 7, "g": 1])
        #expect(try await sum(store) == ["main;f": 7, "g": 1, "main;h": 2])
        #expect(try await sum(store, range(noon + 11, noon + 3600)) == ["main;f": 4, "main;h": 1])
    }

    @Test func `or when time has passed`() async throws {
        let directory = try TemporaryDirectory()
        let store = try await open(directory.path)
        try await store.write(batch(at: noon + 10, ["web": "main;f 3", "db": "g 1"]))
        try await store.rollUp(now: time(noon + 3599))
        #expect(try await cleanHours(store).isEmpty)
        try await store.rollUp(now: time(noon + 3600))
        #expect(try await cleanHours(store) == [noon / 3600])
        #expect(await store.status().hoursToRollUp == 0)
    }

    @Test func `a late or equal window makes the raw windows answer until it is rolled up too`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let store = try await open(directory.path)
        try await store.write(batch(at: noon, ["web": "a 1", "db": "b 1"]))
        try await store.rollUp(now: time(noon + 7200))
        for second in [0, 50] as [Int64] {
            try await store.write(batch(at: noon + second, ["web": "a 10\nc 1"]))
            #expect(try await cleanHours(store).isEmpty)
            let want: [String: Int64] =
                second == 0 ? ["a": 11, "b": 1, "c": 1] : ["a": 21, "b": 1, "c": 2]
            #expect(try await sum(store) == want)
            try await store.rollUp(now: time(noon + 7200))
            #expect(try await cleanHours(store) == [noon / 3600])
            #expect(try await sum(store) == want)
        }
    }

    /// Series with many windows, so that an hour takes several slices.
    private func fill(_ store: SQLiteProfileStore) async throws {
        for step in 0..<40 as Range<Int64> {
            try await store.write(
                batch(
                    at: noon + step * 90,
                    Dictionary(
                        uniqueKeysWithValues: (0..<20).map {
                            ("app\($0)", "main;f\(step % 5) \($0 + 1)\nmain;g 1")
                        })))
        }
    }

    @Test func `a crash between any two commits leaves nothing stale in use`() async throws {
        let directory = try TemporaryDirectory()
        let store = try await open(directory.path)
        try await fill(store)
        let want = try await sum(store)
        var slices = 0
        while try await store.writer.rollUp(before: noon + 7200) {
            slices += 1
            try await checkCrashed(directory.path, want)
            guard slices == 2 else { continue }
            // A late window into a series that is rolled up already, in the middle of the hour's.
            try await store.write(batch(at: noon + 1, ["app0": "late 5"]))
            break
        }
        let more = want.merging(["late": 5]) { $0 + $1 }
        #expect(try await sum(store) == more)
        while try await store.writer.rollUp(before: noon + 7200) {
            slices += 1
            try await checkCrashed(directory.path, more)
        }
        #expect(slices >= 3)
        #expect(try await cleanHours(store) == [noon / 3600])
        try await checkCrashed(directory.path, more)
    }

    /// As a crash now, and one before the raw file knew what the hourly file has, leave it.
    private func checkCrashed(_ path: String, _ want: [String: Int64]) async throws {
        for isMarked in [true, false] {
            let crashed = try TemporaryDirectory()
            try FileManager.default.removeItem(atPath: crashed.path)
            try FileManager.default.copyItem(atPath: path, toPath: crashed.path)
            if !isMarked {
                let raw = try PartitionFile(
                    .raw(noon), path: "\(crashed.path)/partitions/raw-\(noon).db", space: .max)
                try raw.apply(
                    [RowImage(table: .hour, key: noon / 3600, bytes: nil)], space: .max)
                try raw.close()
            }
            let again = try await open(crashed.path)
            #expect(try await sum(again) == want)
            try await again.rollUp(now: time(noon + 7200))
            #expect(try await cleanHours(again) == [noon / 3600])
            #expect(try await sum(again) == want)
            #expect(try StoreInspection(directory: crashed.path).findings() == [])
            // What only the roll-up says then.
            try FileManager.default.removeItem(
                atPath: "\(crashed.path)/partitions/raw-\(noon).db")
            await again.close()
            for log in ["-wal", "-shm"] {
                try? FileManager.default.removeItem(
                    atPath: "\(crashed.path)/partitions/raw-\(noon).db\(log)")
            }
            let alone = try await open(crashed.path)
            #expect(try await sum(alone) == want)
            await alone.close()
        }
    }

    @Test func `hours whose raw windows are gone answer as windows that start at their hour`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let store = try await open(
            directory.path, RetentionPolicy(maximumAge: .seconds(86_400)))
        for hour in 0..<12 as Range<Int64> {
            let name = hour < 6 ? "old" : "new"
            try await store.write(batch(at: noon + hour * 3600 + 700, [name: "f\(hour) 2"]))
            try await store.write(batch(at: noon + hour * 3600 + 900, [name: "f\(hour) 1\nz 1"]))
        }
        let before = try await sum(store)
        #expect(try await store.applyRetention(now: time(noon + 6 * 3600 + 86_400)) == 1)
        #expect(await store.status().partitionCount == 1)
        #expect(try await sum(store) == before)
        #expect(await store.status().oldest == time(noon))
        let two = range(noon + 3600, noon + 3 * 3600 - 1)
        #expect(try await sum(store, two) == ["f1": 3, "f2": 3, "z": 2])
        let points = try await store.totals([], type: .cpu, range: two).flatMap(\.points)
        #expect(points.map(\.start) == [time(noon + 3600), time(noon + 7200)])
        #expect(points.map(\.value) == [4, 4])
        #expect(try await store.labelValues("service_name", [], in: two) == ["old"])
        #expect(
            try await store.labelValues("service_name", [], in: range(noon + 1, noon + 3599))
                .isEmpty)
        #expect(try await store.labelValues("service_name", [], in: nil) == ["new", "old"])
        let all = try await store.totals([], type: .cpu, range: ever)
        #expect(all.flatMap(\.points).reduce(0) { $0 + $1.value } == 48)
    }

    @Test func `answers stay those of the store in memory, whatever is rolled up or late`()
        async throws
    {
        let directory = try TemporaryDirectory()
        var disk = try await open(directory.path)
        let memory = MemoryProfileStore()
        var random = SeededGenerator(seed: 11)
        for round in 0..<150 {
            var applications: [String: String] = [:]
            for name in ["web", "db", "job"] where Bool.random(using: &random) {
                applications[name] = (0..<Int.random(in: 1...8, using: &random)).map { _ in
                    "main;f\(Int.random(in: 0...9, using: &random)) \(Int.random(in: -9...99, using: &random))"
                }.joined(separator: "\n")
            }
            let second = noon + Int64.random(in: 0...30_000, using: &random)
            let labels = Bool.random(using: &random) ? [Label("zone", "z\(round % 3)")] : []
            let written = batch(at: second, applications, labels: labels)
            try await disk.write(written)
            try await memory.write(written)
            switch round % 5 {
            case 1: try await disk.rollUp(now: time(noon + 40_000))
            case 2: _ = try await disk.writer.rollUp(before: noon + 40_000)
            case 3 where round % 3 == 0:
                await disk.close()
                disk = try await open(directory.path)
            default: break
            }
            var low = noon + Int64.random(in: -4000...30_000, using: &random)
            var high = low + Int64.random(in: 0...30_000, using: &random)
            if round.isMultiple(of: 2) { (low, high) = (low - low % 3600, high - high % 3600 - 1) }
            let asked = range(low, max(high, low))
            #expect(try await sum(disk, asked) == sum(memory, asked), "round \(round)")
            #expect(
                try await disk.labelNames([], in: asked) == memory.labelNames([], in: asked))
        }
        try await disk.rollUp(now: time(noon + 40_000))
        #expect(try await cleanHours(disk).count == 9)
        #expect(try StoreInspection(directory: directory.path).findings() == [])
        // Law: with the raw files away, every hour says the same.
        await disk.close()
        for start in [noon, noon + 21_600] {
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(
                    atPath: "\(directory.path)/partitions/raw-\(start).db\(suffix)")
            }
        }
        let alone = try await open(directory.path)
        for hour in 0..<9 as Range<Int64> {
            let asked = range(noon + hour * 3600, noon + hour * 3600 + 3599)
            for name in ["web", "db", "job"] {
                let only = [LabelMatcher("service_name", .equal, name)]
                let one = try await alone.mergeStacks(only, type: .cpu, range: asked)
                let other = try await memory.mergeStacks(only, type: .cpu, range: asked)
                #expect(folded(one) == folded(other))
                #expect(one.period == other.period)
            }
        }
    }

    @Test
    func `a damaged raw file's hours stay as they were rolled up, and new windows add to them`()
        async throws
    {
        let directory = try TemporaryDirectory()
        var store = try await open(directory.path)
        try await store.write(batch(at: noon, ["web": "a 1"]))
        try await store.write(batch(at: noon + 3600, ["web": "b 1"]))
        try await store.rollUp(now: time(noon + 3600))
        await store.close()
        try Data(repeating: 0x5a, count: 9000).write(
            to: URL(filePath: "\(directory.path)/partitions/raw-\(noon).db"))
        for round in 1...2 as ClosedRange<Int64> {
            store = try await open(directory.path)
            #expect(try await sum(store)["a"] == (round == 1 ? 1 : 11))
            try await store.write(batch(at: noon + 5, ["web": "a 10"]))
            try await store.write(batch(at: noon + 3605, ["web": "c 1"]))
            try await store.rollUp(now: time(noon + 7200))
            #expect(try await sum(store) == ["a": 1 + 10 * round, "c": round])
            #expect(try await cleanHours(store) == [noon / 3600 + 1])
            await store.close()
        }
    }

    @Test func `a lost hourly file is made again from the raw ones`() async throws {
        let directory = try TemporaryDirectory()
        var store = try await open(directory.path)
        try await fill(store)
        let want = try await sum(store)
        try await store.rollUp(now: time(noon + 7200))
        await store.close()
        let name = PartitionID(.hourly, of: noon).fileName
        try Data(repeating: 0x5a, count: 9000).write(
            to: URL(filePath: "\(directory.path)/partitions/\(name)"))
        store = try await open(directory.path)
        #expect(try await sum(store) == want)
        try await store.rollUp(now: time(noon + 7200))
        #expect(try await cleanHours(store) == [noon / 3600])
        #expect(try await sum(store) == want)
        #expect(await store.status().damagedPartitions == 1)
    }

    @Test func `queries count every hour once while hours are rolled up and written into`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let store = try await open(directory.path)
        for hour in 0..<8 as Range<Int64> {
            try await store.write(
                batch(at: noon + hour * 3600, ["web": "a 300\nb 300", "db": "c 400"]))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 0..<60 as Range<Int64> {
                    try await store.write(
                        batch(
                            at: noon + round % 8 * 3600 + round,
                            ["web": "a 300\nb 300", "db": "c 400"]))
                    try await store.rollUp(now: time(noon + 40_000))
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    var last: Int64 = 0
                    for _ in 0..<80 {
                        let sum = try await store.mergeStacks([], type: .cpu, range: ever).total
                        #expect(sum.isMultiple(of: 1000))
                        #expect(sum >= max(last, 8000))
                        last = sum
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await store.mergeStacks([], type: .cpu, range: ever).total == 68_000)
    }
}
