import ProfileModel
import Testing

@testable import ProfileStore

@Suite struct RetentionTests {
    /// Four partitions two weeks ago, in an hourly file of their own, and four from noon on.
    private func fill(_ directory: String, _ policy: RetentionPolicy) async throws
        -> SQLiteProfileStore
    {
        var options = StoreOptions()
        options.retention = policy
        let store = try await SQLiteProfileStore(directory: directory, options: options)
        for quarter in 0..<8 as Range<Int64> {
            let (name, day) = quarter < 4 ? ("old", noon - 14 * 86_400) : ("new", noon)
            try await store.write(batch(at: day + quarter % 4 * 21_600, [name: "a 1"]))
        }
        return store
    }

    private let afterwards = Timestamp(milliseconds: (noon + 4 * 21_600) * 1000)

    @Test
    func `deletes whole partitions by the age of their level, and forgets what only they held`()
        async throws
    {
        let directory = try TemporaryDirectory()
        var policy = RetentionPolicy(maximumAge: .seconds(86_400))
        var store = try await fill(directory.path, policy)
        #expect(try await store.applyRetention(now: afterwards) == 4)
        #expect(try await store.labelValues("service_name", [], in: nil) == ["new", "old"])
        #expect(await store.status().oldest == Timestamp(milliseconds: (noon - 14 * 86_400) * 1000))
        #expect(try await store.mergeStacks([], type: .cpu, range: ever).total == 8)
        await store.close()

        policy.maximumHourlyAge = .seconds(86_400)
        store = try await SQLiteProfileStore(
            directory: directory.path, options: StoreOptions(retention: policy))
        #expect(try await store.applyRetention(now: afterwards) == 1)
        #expect(try await store.labelValues("service_name", [], in: nil) == ["new"])
        let status = await store.status()
        #expect(status.partitionCount == 4)
        #expect(status.oldest == Timestamp(milliseconds: noon * 1000))
        #expect(try await store.applyRetention(now: afterwards) == 0)
        #expect(try await store.mergeStacks([], type: .cpu, range: ever).total == 4)
    }

    @Test func `refuses a window that is older than what is kept, and takes the next`() async throws
    {
        let directory = try TemporaryDirectory()
        let store = try await fill(
            directory.path, RetentionPolicy(maximumAge: .seconds(86_400)))
        // Until somebody says what time it is, everything is taken.
        try await store.write(batch(at: noon - 15 * 86_400, ["web": "a 1"]))
        try await store.applyRetention(now: afterwards)
        let error = await #expect(throws: StoreError.self) {
            try await store.write(batch(at: noon - 14 * 86_400, ["web": "a 1"]))
        }
        #expect(error?.code == .unstorable)
        #expect(error?.message.contains("older") == true)
        #expect(await store.status().problem == nil)
        try await store.write(batch(at: noon + 10, ["web": "a 1"]))
        #expect(try await store.mergeStacks([], type: .cpu, range: ever).total == 10)
        // A clock that was wrong is forgotten with the next call.
        try await store.applyRetention(now: Timestamp(milliseconds: (noon - 14 * 86_400) * 1000))
        try await store.write(batch(at: noon - 14 * 86_400, ["web": "a 1"]))
    }

    @Test func `deletes the oldest until the bytes fit, and always keeps the newest of each level`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let store = try await fill(
            directory.path, RetentionPolicy(maximumAge: .seconds(1 << 32), maximumBytes: 1))
        #expect(try await store.applyRetention(now: Timestamp(milliseconds: noon * 1000)) == 8)
        #expect(await store.status().partitionCount == 1)
        #expect(await store.status().hourlyPartitionCount == 1)
        #expect(try await store.mergeStacks([], type: .cpu, range: ever).total == 4)
    }

    @Test func `an age far in the past deletes nothing`() async throws {
        let directory = try TemporaryDirectory()
        let store = try await fill(directory.path, RetentionPolicy())
        #expect(
            try await store.applyRetention(
                now: Timestamp(milliseconds: (noon - 14 * 86_400) * 1000)) == 0)
        #expect(await store.status().partitionCount == 8)
    }
}
