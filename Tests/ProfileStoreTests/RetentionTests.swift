import ProfileModel
import Testing

@testable import ProfileStore

@Suite struct RetentionTests {
    private func fill(_ directory: String, _ policy: RetentionPolicy) async throws
        -> SQLiteProfileStore
    {
        var options = StoreOptions()
        options.retention = policy
        let store = try await SQLiteProfileStore(directory: directory, options: options)
        for quarter in 0..<8 as Range<Int64> {
            let name = quarter < 4 ? "old" : "new"
            try await store.write(batch(at: noon + quarter * 21_600, [name: "a 1"]))
        }
        return store
    }

    @Test func `deletes whole partitions by age, and forgets what only they held`() async throws {
        let directory = try TemporaryDirectory()
        let store = try await fill(directory.path, RetentionPolicy(maximumAge: .seconds(86_400)))
        let now = Timestamp(milliseconds: (noon + 8 * 21_600) * 1000)
        #expect(try await store.applyRetention(now: now) == 4)
        #expect(try await store.labelValues("service_name", [], in: nil) == ["new"])
        let status = await store.status()
        #expect(status.partitionCount == 4)
        #expect(status.oldest == Timestamp(milliseconds: (noon + 4 * 21_600) * 1000))
        #expect(try await store.applyRetention(now: now) == 0)
        #expect(try await store.mergeStacks([], type: .cpu, range: ever).total == 4)
    }

    @Test func `deletes the oldest until the bytes fit, and always keeps the newest`() async throws
    {
        let directory = try TemporaryDirectory()
        let store = try await fill(
            directory.path, RetentionPolicy(maximumAge: .seconds(1 << 32), maximumBytes: 1))
        #expect(try await store.applyRetention(now: Timestamp(milliseconds: noon * 1000)) == 7)
        #expect(await store.status().partitionCount == 1)
        #expect(try await store.mergeStacks([], type: .cpu, range: ever).total == 1)
    }

    @Test func `an age far in the past deletes nothing`() async throws {
        let directory = try TemporaryDirectory()
        let store = try await fill(directory.path, RetentionPolicy())
        #expect(try await store.applyRetention(now: Timestamp(milliseconds: noon * 1000)) == 0)
        #expect(await store.status().partitionCount == 8)
    }
}
