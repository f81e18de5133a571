import Foundation
import ProfileModel
import Testing

@testable import ProfileStore

/// Damaged bytes, a clock that steps back, a disk that is full: a clear state, no crash, what is whole
/// is served, and what was acknowledged is kept.
@Suite(.serialized) struct FailureTests {
    private let old = range(0, noon - 1)

    /// An old partition with 1000, and three hours of 40 batches from noon on, two rolled up. Closed.
    private func filled() async throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let store = try await open(directory.path)
        try await store.write(batch(at: noon - 30 * 86_400, ["web": "old 1000"]))
        for step in 0..<40 as Range<Int64> {
            try await store.write(
                batch(
                    at: noon + step * 270,
                    Dictionary(
                        uniqueKeysWithValues: (0..<12).map { number in
                            let stacks = (0..<20).map {
                                "main;f\(number);g\($0 + Int(step)) \($0 + 1)"
                            }
                            return ("app\(number)", stacks.joined(separator: "\n"))
                        })))
        }
        try await store.rollUp(now: Timestamp(milliseconds: (noon + 7200) * 1000))
        await store.close()
        return directory
    }

    private func open(_ path: String) async throws -> SQLiteProfileStore {
        try await SQLiteProfileStore(
            directory: path, options: StoreOptions(spaceFloor: 0, rollUpDelay: 0))
    }

    private func copy(_ directory: String) throws -> TemporaryDirectory {
        let target = try TemporaryDirectory()
        try FileManager.default.removeItem(atPath: target.path)
        try FileManager.default.copyItem(atPath: directory, toPath: target.path)
        return target
    }

    private func total(
        _ store: some ProfileStore, _ asked: TimeRange = ever
    ) async throws -> Int64 {
        try await store.mergeStacks([], type: .cpu, range: asked).total
    }

    /// Whatever was done to one file: the store opens, the old partition is whole, nobody crashes, no
    /// answer has more than was written, and new data is kept.
    private func holds(_ path: String, most: Int64, _ what: String) async throws {
        let store = try await open(path)
        for _ in 1...2 {
            #expect(try await total(store, old) == 1000, "\(what)")
            let sum = try await total(store, range(noon, noon + 20_000))
            #expect((0...most).contains(sum), "\(what)")
            _ = try await store.totals([], type: .cpu, range: ever)
            _ = try await store.labelValues("service_name", [], in: range(noon + 1, noon + 9000))
            // Damage it meets is set aside and said once.
            _ = try? await store.rollUp(now: Timestamp(milliseconds: (noon + 40_000) * 1000))
        }
        try await store.write(batch(at: noon + 30_000, ["after": "a 7"]))
        #expect(try await total(store, range(noon + 30_000, noon + 30_000)) == 7, "\(what)")
        await store.close()
        _ = try StoreInspection(directory: path).findings()
        let again = try await open(path)
        #expect(try await total(again, range(noon + 30_000, noon + 30_000)) == 7, "\(what)")
        #expect(try await total(again, old) == 1000, "\(what)")
        await again.close()
    }

    @Test(arguments: ["raw-\(noon).db", PartitionID(.hourly, of: noon).fileName])
    func `a flipped byte anywhere in a file`(name: String) async throws {
        let directory = try await filled()
        var random = SeededGenerator(seed: 5)
        for round in 0..<25 {
            let crashed = try copy(directory.path)
            let file = URL(filePath: "\(crashed.path)/partitions/\(name)")
            var bytes = try Data(contentsOf: file)
            // The header and each page's own are small: half of the rounds aim at them.
            let place =
                round % 2 == 0
                ? Int.random(in: 0..<bytes.count, using: &random)
                : Int.random(in: 0..<bytes.count / 4096, using: &random) * 4096
                    + Int.random(in: 0..<40, using: &random)
            bytes[place] ^= UInt8.random(in: 1...255, using: &random)
            try bytes.write(to: file)
            // A flipped bit of a value that SQLite does not check may be a larger number.
            try await holds(crashed.path, most: .max, "byte \(place) of \(name)")
        }
    }

    @Test(arguments: ["raw-\(noon).db", PartitionID(.hourly, of: noon).fileName])
    func `a torn file`(name: String) async throws {
        let directory = try await filled()
        let store = try await open(directory.path)
        let most = try await total(store, range(noon, noon + 20_000))
        await store.close()
        let path = "\(directory.path)/partitions/\(name)"
        let size = try Data(contentsOf: URL(filePath: path)).count
        for part in 0..<8 {
            let crashed = try copy(directory.path)
            truncate("\(crashed.path)/partitions/\(name)", size * part / 8)
            try await holds(crashed.path, most: most, "\(part)/8 of \(name)")
        }
    }

    @Test func `a damaged window or dictionary of a roll-up is answered from the raw windows`()
        async throws
    {
        let directory = try await filled()
        var store = try await open(directory.path)
        let want = try await total(store)
        await store.close()
        let id = PartitionID(.hourly, of: noon)
        let series: [RowImage] = [
            RowImage(
                table: .profiles, key: StoredSecond.key(series: 3, second: noon), number: 1,
                bytes: [9, 9, 9]),
            RowImage(table: .dictionary, key: 3 << 32, bytes: [9, 9, 9]),
            RowImage(table: .dictionary, key: 0, bytes: [9, 9, 9]),
        ]
        for image in series {
            let crashed = try copy(directory.path)
            let file = try PartitionFile(
                id, path: StoreDirectory(path: crashed.path).partitionPath(id), space: .max)
            try file.apply([image], space: .max)
            try file.close()
            store = try await open(crashed.path)
            #expect(try await total(store) == want, "\(image)")
            let status = await store.status()
            #expect(status.damagedRows + status.damagedPartitions > 0)
            // What no service can be read without takes the file with it, nothing else does.
            let isShared = image.table == .dictionary && image.key == 0
            // It is made again, a dictionary that is damaged in a file of its own.
            for _ in 1...2 {
                _ = try? await store.rollUp(now: Timestamp(milliseconds: (noon + 20_000) * 1000))
            }
            #expect(await store.status().hoursToRollUp == 0)
            #expect(try await total(store) == want)
            #expect(await store.status().damagedPartitions == (isShared ? 1 : 0))
            await store.close()
            let findings = try StoreInspection(directory: crashed.path).findings()
            #expect(findings.allSatisfy { !$0.isDamage }, "\(findings)")
        }
    }

    @Test func `a clock that steps back an hour: windows are added where they say they are`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let store = try await open(directory.path)
        let memory = MemoryProfileStore()
        // Two hours forward, back by one, and on again over the same hour.
        let seconds =
            Array(stride(from: noon, to: noon + 7200, by: 300))
            + Array(stride(from: noon + 3600, to: noon + 12_000, by: 300))
        for (number, second) in seconds.enumerated() {
            let written = batch(at: second, ["web": "main;f\(number % 3) 10", "db": "q 1"])
            try await store.write(written)
            try await memory.write(written)
            guard number.isMultiple(of: 3) else { continue }
            try await store.rollUp(now: Timestamp(milliseconds: second * 1000))
            for asked in [ever, range(noon + 3600, noon + 7199), range(noon + 1, noon + 5000)] {
                let (one, other) = (
                    try await store.mergeStacks([], type: .cpu, range: asked),
                    try await memory.mergeStacks([], type: .cpu, range: asked)
                )
                #expect(folded(one) == folded(other), "step \(number)")
            }
        }
        #expect(await store.status().problem == nil)
        await store.close()
        #expect(try StoreInspection(directory: directory.path).findings() == [])
    }

    @Test(.enabled(if: getuid() == 0, "mounts a small file system"))
    func `a full disk: writes say so, queries go on, and so do writes when there is room`()
        async throws
    {
        let directory = try TemporaryDirectory()
        try run("/bin/mount", "-t", "tmpfs", "-o", "size=3m", "hearth-test", directory.path)
        defer { try? run("/bin/umount", "-l", directory.path) }
        let path = directory.path + "/store"
        let store = try await open(path)
        let ballast = directory.path + "/ballast"
        try Data(count: 1 << 20).write(to: URL(filePath: ballast))
        var random = SeededGenerator(seed: 9)
        var (acknowledged, isFull) = (Int64(0), false)
        for step in 0..<4000 as Range<Int64> {
            let stacks = (0..<200).map { _ in
                "main;\(UInt64.random(in: 0...UInt64.max, using: &random)) 1"
            }
            do {
                try await store.write(
                    batch(at: noon + step * 100, ["web": stacks.joined(separator: "\n")]))
                acknowledged += 200
            } catch {
                #expect(error.code == .full, "\(error)")
                isFull = true
                break
            }
        }
        #expect(isFull && acknowledged > 0)
        #expect(await store.status().problem?.contains("room") == true)
        #expect(try await total(store) == acknowledged)
        _ = try? await store.rollUp(now: Timestamp(milliseconds: (noon + 500_000) * 1000))
        #expect(try await total(store) == acknowledged)
        #expect(await store.status().damagedPartitions == 0)

        try FileManager.default.removeItem(atPath: ballast)
        try await store.write(batch(at: noon + 500_000, ["web": "after 7"]))
        #expect(await store.status().problem == nil)
        #expect(try await total(store) == acknowledged + 7)
        await store.close()
        let again = try await open(path)
        #expect(try await total(again) == acknowledged + 7)
        await again.close()
        #expect(try StoreInspection(directory: path).findings() == [])
    }

    private func run(_ program: String, _ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}
