import Foundation
import ProfileModel
import Testing

@testable import ProfileStore

/// Power cuts, torn files, full disks.
@Suite(.serialized) struct DurabilityTests {
    private func copy(_ directory: String) throws -> TemporaryDirectory {
        let target = try TemporaryDirectory()
        try FileManager.default.removeItem(atPath: target.path)
        try FileManager.default.copyItem(atPath: directory, toPath: target.path)
        return target
    }

    private func total(_ store: SQLiteProfileStore, _ asked: TimeRange = ever) async throws -> Int64
    {
        try await store.mergeStacks([], type: .cpu, range: asked).total
    }

    @Test func `what was acknowledged is there without a close`() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteProfileStore(directory: directory.path)
        for round in 1...20 {
            try await store.write(batch(at: noon + Int64(round) * 10, ["web": "main;f\(round) 1"]))
            guard round.isMultiple(of: 5) else { continue }
            // The files as a crash at this instant would leave them.
            let crashed = try copy(directory.path)
            let again = try await SQLiteProfileStore(directory: crashed.path)
            #expect(try await total(again) == Int64(round))
            await again.close()
        }
    }

    @Test func `a torn write-ahead log loses no other partition, and never more than its tail`()
        async throws
    {
        let directory = try TemporaryDirectory()
        var store = try await SQLiteProfileStore(directory: directory.path)
        try await store.write(batch(at: noon - 86_400, ["web": "old 1000"]))
        await store.close()
        store = try await SQLiteProfileStore(directory: directory.path)
        for round in 1...10 {
            try await store.write(batch(at: noon + Int64(round) * 10, ["web": "new\(round) 1"]))
        }
        let log = directory.path + "/partitions/raw-\(noon).db-wal"
        let size = try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int ?? 0
        try #require(size > 0)
        var seen: Set<Int64> = []
        for part in 0...16 {
            let crashed = try copy(directory.path)
            truncate(crashed.path + "/partitions/raw-\(noon).db-wal", size * part / 16)
            let again = try await SQLiteProfileStore(directory: crashed.path)
            #expect(try await total(again, range(0, noon - 1)) == 1000)
            seen.insert(try await total(again, range(noon, noon + 1000)))
            try await again.write(batch(at: noon + 500, ["web": "after 7"]))
            #expect(try await total(again, range(noon + 500, noon + 500)) == 7)
            await again.close()
        }
        #expect(seen.contains(10))
        #expect(seen.allSatisfy { (0...10).contains($0) })
    }

    @Test func `garbage in a file is set aside and counted, the rest is served`() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteProfileStore(directory: directory.path)
        try await store.write(batch(at: noon - 86_400, ["web": "old 1000"]))
        try await store.write(batch(at: noon, ["web": "new 1"]))
        await store.close()
        for place in [0, 16, 100, 4096, 5000] {
            let crashed = try copy(directory.path)
            let file = crashed.path + "/partitions/raw-\(noon).db"
            var bytes = try Data(contentsOf: URL(filePath: file))
            for index in place..<min(place + 200, bytes.count) { bytes[index] = 0x5a }
            try bytes.write(to: URL(filePath: file))
            let again = try await SQLiteProfileStore(directory: crashed.path)
            #expect(try await total(again, range(0, noon - 1)) == 1000, "at \(place)")
            _ = try? await total(again)
            try await again.write(batch(at: noon + 10, ["web": "after 7"]))
            #expect(try await total(again, range(noon + 10, noon + 10)) == 7, "at \(place)")
            await again.close()
        }
    }

    @Test func `a lost index is made anew from the partitions`() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteProfileStore(directory: directory.path)
        try await store.write(batch(at: noon, ["web": "a 1", "db": "b 2"]))
        await store.close()
        try Data("not a database, but long enough to look at".utf8).write(
            to: URL(filePath: directory.path + "/meta.db"))
        let again = try await SQLiteProfileStore(directory: directory.path)
        #expect(try await again.labelValues("service_name", [], in: nil) == ["db", "web"])
        #expect(try await total(again) == 3)
        #expect(await again.status().damagedPartitions == 1)
    }

    @Test func `a second opener is told who has the store`() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteProfileStore(directory: directory.path)
        let error = await #expect(throws: StoreError.self) {
            _ = try await SQLiteProfileStore(directory: directory.path)
        }
        #expect(error?.code == .busy)
        #expect(error?.message.contains("\(getpid())") == true)
        await store.close()
    }

    @Test func `what is no directory is refused by name`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/file"
        try Data().write(to: URL(filePath: path))
        for wrong in [path, path + "/below", "/proc/nothing-can-be-here"] {
            let error = await #expect(throws: StoreError.self) {
                _ = try await SQLiteProfileStore(directory: wrong)
            }
            #expect(error?.code == .directory)
            #expect(error?.message.contains(wrong) == true)
        }
    }

    @Test func `below the floor of free space nothing is written, and it goes on by itself`()
        async throws
    {
        let directory = try TemporaryDirectory()
        var options = StoreOptions()
        options.spaceFloor = .max / 2
        var store = try await SQLiteProfileStore(directory: directory.path, options: options)
        let error = await #expect(throws: StoreError.self) {
            try await store.write(batch(at: noon, ["web": "a 1"]))
        }
        #expect(error?.code == .full)
        #expect(await store.status().problem?.contains("free") == true)
        #expect(try await total(store) == 0)
        await store.close()
        store = try await SQLiteProfileStore(directory: directory.path)
        try await store.write(batch(at: noon, ["web": "a 1"]))
        #expect(await store.status().problem == nil)
        #expect(try await total(store) == 1)
    }

    @Test func `queries see whole batches while others write`() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteProfileStore(directory: directory.path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 0..<60 {
                    try await store.write(
                        batch(
                            at: noon + Int64(round % 4) * 10,
                            ["web": "a 300\nb 300", "db": "c 400"]))
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    for _ in 0..<60 {
                        let sum = try await store.mergeStacks([], type: .cpu, range: ever).total
                        #expect(sum.isMultiple(of: 1000))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await total(store) == 60_000)
    }
}
