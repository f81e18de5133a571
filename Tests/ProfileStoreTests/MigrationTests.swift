import Foundation
import ProfileModel
import Testing

@testable import ProfileStore

/// Stores of other versions: older ones are converted in place, newer ones refused.
@Suite struct MigrationTests {
    /// A copy of `Tests/Stores/version-1`, see the README there.
    private func oldStore() throws -> TemporaryDirectory {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let target = try TemporaryDirectory()
        try FileManager.default.removeItem(atPath: target.path)
        try FileManager.default.copyItem(
            atPath: tests.appending(path: "Stores/version-1").path, toPath: target.path)
        return target
    }

    private let want: [String: Int64] = {
        var sums: [String: Int64] = ["main": 150, "main;g": 300, "a": 8]
        for step in 0..<150 { sums["main;f\(step % 7)", default: 0] += 3 }
        return sums
    }()

    /// SQLite's `user_version`: four bytes at 60, big-endian.
    private func version(_ path: String) throws -> Int {
        try Data(contentsOf: URL(filePath: path))[60..<64].reduce(0) { $0 << 8 | Int($1) }
    }

    private func setVersion(_ path: String, _ version: UInt8) throws {
        var bytes = try Data(contentsOf: URL(filePath: path))
        bytes.replaceSubrange(60..<64, with: [0, 0, 0, version])
        try bytes.write(to: URL(filePath: path))
    }

    @Test func `a store of layout 1 answers as before, and its hours are rolled up`() async throws {
        let directory = try oldStore()
        #expect(try version(directory.path + "/meta.db") == 1)
        let store = try await SQLiteProfileStore(directory: directory.path)
        func sum(_ asked: TimeRange = ever) async throws -> [String: Int64] {
            folded(try await store.mergeStacks([], type: .cpu, range: asked))
        }
        #expect(try await sum() == want)
        #expect(
            try await sum(range(noon + 180, noon + 360)) == [
                "main": 2, "main;f1": 3, "main;f2": 3, "main;g": 4,
            ])
        #expect(try await store.labelNames([], in: nil) == ["service_name", "zone"])
        try await store.rollUp(now: Timestamp(milliseconds: (noon + 86_400) * 1000))
        #expect(await store.status().hoursToRollUp == 0)
        #expect(await store.status().hourlyPartitionCount == 1)
        #expect(try await sum() == want)
        try await store.write(batch(at: noon, ["web": "main 7"]))
        #expect(try await sum()["main"] == 157)
        await store.close()
        for name in ["meta.db", "partitions/raw-\(noon).db"] {
            #expect(
                try version("\(directory.path)/\(name)") == DatabaseSettings.version, "\(name)")
        }
    }

    @Test func `a newer store is refused, and left as it is`() async throws {
        let directory = try oldStore()
        let meta = directory.path + "/meta.db"
        try setVersion(meta, 99)
        let error = await #expect(throws: StoreError.self) {
            _ = try await SQLiteProfileStore(directory: directory.path)
        }
        #expect(error?.code == .version)
        #expect(error?.message.contains("upgrade") == true)
        #expect(try version(meta) == 99)
    }

    @Test func `a newer partition is refused where it is asked for, and left as it is`()
        async throws
    {
        let directory = try oldStore()
        let path = "\(directory.path)/partitions/raw-\(noon).db"
        try setVersion(path, 99)
        let store = try await SQLiteProfileStore(directory: directory.path)
        let before = range(noon - 21_600, noon - 1)
        #expect(try await store.mergeStacks([], type: .cpu, range: before).total == 4)
        let error = await #expect(throws: StoreError.self) {
            _ = try await store.mergeStacks([], type: .cpu, range: ever)
        }
        #expect(error?.code == .version)
        await store.close()
        #expect(try version(path) == 99)
    }
}
