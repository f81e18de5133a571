import Foundation
import ProfileModel
import Testing

@testable import ProfileStore

/// Weeks of a small fleet in simulated time.
@Suite struct RollingFleetTests {
    /// A few applications with stacks of their own that change from day to day, as deploys make them.
    private func window(_ second: Int64, _ random: inout SeededGenerator) -> ProfileBatch {
        let day = second / 86_400
        // Names that no other hour has, so that the store grows however well it packs.
        let hour = String(UInt64(second) &* 0x9e37_79b9_7f4a_7c15, radix: 36)
        var applications: [String: String] = [:]
        for application in 0..<5 {
            let version = day / Int64(application + 2)
            applications["app\(application)"] = (0..<25).map { _ in
                let leaf = Int.random(in: 0...120, using: &random)
                return
                    "main;app\(application);v\(version)-\(hour);call\(leaf % 11);leaf\(leaf)-\(hour) \(Int.random(in: 1...9, using: &random) * 10)"
            }.joined(separator: "\n")
        }
        return batch(at: second, applications)
    }

    /// Writes 31 days, an hour a step, with the daemon's housekeeping; gives the most bytes there were.
    private func run(_ store: SQLiteProfileStore, limit: Int64) async throws -> Int64 {
        var random = SeededGenerator(seed: 31)
        var largest: Int64 = 0
        for hour in 0..<31 * 24 as Range<Int64> {
            let second = noon + hour * 3600
            try await store.write(window(second, &random))
            let bytes = await store.status().bytesOnDisk
            largest = max(largest, bytes)
            #expect(bytes <= limit, "hour \(hour)")
            let now = Timestamp(milliseconds: second * 1000)
            try await store.rollUp(now: now)
            try await store.applyRetention(now: now)
        }
        return largest
    }

    private func open(_ directory: String, _ policy: RetentionPolicy) async throws
        -> SQLiteProfileStore
    {
        // The room on the machine the test runs on does not matter.
        try await SQLiteProfileStore(
            directory: directory,
            options: StoreOptions(spaceFloor: 0, openPartitions: 2, retention: policy))
    }

    @Test func `31 days stay inside max-bytes at every step, and keep their hours longest`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let limit: Int64 = 24 << 20
        let store = try await open(
            directory.path,
            RetentionPolicy(
                maximumAge: .seconds(3 * 86_400), maximumHourlyAge: .seconds(21 * 86_400),
                maximumBytes: limit))
        _ = try await run(store, limit: limit)
        let end = noon + 31 * 86_400
        let status = await store.status()
        // A partition goes when all of it is too old: so up to its length more is kept.
        let oldest = try #require(status.oldest).milliseconds / 1000
        #expect(oldest <= end - 21 * 86_400)
        #expect(oldest >= end - 29 * 86_400)
        #expect((12...14).contains(status.partitionCount))
        #expect(status.damagedPartitions == 0 && status.damagedRows == 0)
        let day = range(end - 10 * 86_400, end - 9 * 86_400 - 1)
        let points = try await store.totals([], type: .cpu, range: day)
        #expect(points.count == 5)
        #expect(points.allSatisfy { $0.points.count == 24 })
        let merged = try await store.mergeStacks([], type: .cpu, range: day).total
        #expect(merged == points.flatMap(\.points).reduce(0) { $0 + $1.value })
        #expect(try StoreInspection(directory: directory.path).findings() == [])
        await store.close()
    }

    @Test func `where max-bytes is what binds, the oldest go and nothing else is lost`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let limit: Int64 = 5 << 20
        let store = try await open(directory.path, RetentionPolicy(maximumBytes: limit))
        let largest = try await run(store, limit: limit)
        #expect(largest > limit / 2)
        let end = noon + 31 * 86_400
        let day = range(end - 86_400, end - 1)
        let points = try await store.totals([], type: .cpu, range: day)
        #expect(points.allSatisfy { $0.points.count == 24 })
        #expect(await store.status().damagedPartitions == 0)
        #expect(try StoreInspection(directory: directory.path).findings() == [])
        await store.close()
    }

    @Test func `no query fails while partitions are deleted under it`() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteProfileStore(
            directory: directory.path,
            options: StoreOptions(
                openPartitions: 2,
                retention: RetentionPolicy(
                    maximumAge: .seconds(21_600), maximumHourlyAge: .seconds(14 * 86_400)),
                rollUpDelay: 0))
        let parts = 40 as Int64
        for part in 0..<parts {
            try await store.write(batch(at: noon + part * 21_600, ["web": "a 300\nb 700"]))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for part in 0..<parts {
                    let now = Timestamp(milliseconds: (noon + part * 21_600) * 1000)
                    try await store.applyRetention(now: now)
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    for _ in 0..<15 {
                        let sum = try await store.mergeStacks([], type: .cpu, range: ever).total
                        #expect(sum == parts * 1000)
                        let line = try await store.totals([], type: .cpu, range: ever)
                        #expect(line.flatMap(\.points).reduce(0) { $0 + $1.value } == parts * 1000)
                        #expect(
                            try await store.labelValues("service_name", [], in: ever) == ["web"])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(await store.status().partitionCount < 5)
    }
}
