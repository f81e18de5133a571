import Foundation
import ProfileModel
import Testing

@testable import ProfileStore

/// What `hearth store verify` and `stats` say of sound and of damaged stores.
@Suite struct InspectionTests {
    private let hourly = PartitionID(.hourly, of: noon)

    /// Three hours of two services, the first two rolled up; still open.
    private func filled(_ directory: String) async throws -> SQLiteProfileStore {
        let store = try await SQLiteProfileStore(
            directory: directory, options: StoreOptions(rollUpDelay: 0))
        for step in 0..<30 as Range<Int64> {
            try await store.write(
                batch(
                    at: noon + step * 360,
                    ["web": "main;f\(step % 3) 30\nmain;g 10", "db": "main;h 20"]))
        }
        try await store.rollUp(now: Timestamp(milliseconds: (noon + 7200) * 1000))
        return store
    }

    private func file(_ directory: String, _ id: PartitionID) throws -> PartitionFile {
        try PartitionFile(id, path: StoreDirectory(path: directory).partitionPath(id), space: .max)
    }

    @Test func `a sound store has its figures and no findings, while it is open and afterwards`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let store = try await filled(directory.path)
        for isOpen in [true, false] {
            if !isOpen { await store.close() }
            let inspection = try StoreInspection(directory: directory.path)
            #expect(try inspection.findings() == [])
            let statistics = try inspection.statistics()
            #expect(statistics.files.map(\.level) == [.raw, .hourly])
            #expect(statistics.series == 2)
            #expect(statistics.rawPairs == 90)
            #expect(statistics.hourlyPairs == 2 * (4 + 1))
            #expect(statistics.bytesPerPair ?? 0 > 0)
            let raw = try #require(statistics.files.first)
            #expect(raw.name == "partitions/raw-\(noon).db")
            #expect(raw.windowBounds == noon...noon + 29 * 360)
            #expect(raw.series == 2 && raw.windows == 60 && raw.stacks == 5)
            #expect(raw.rolledUpHours == 2)
            #expect(raw.bytes > 0 && raw.dictionaryBytes > 0 && raw.windowBytes > 0)
            let rolledUp = try #require(statistics.files.last)
            #expect(rolledUp.windows == 4 && rolledUp.stacks == 5 && rolledUp.rolledUpHours == 2)
            #expect(rolledUp.windowBounds == noon...noon + 3600)
        }
    }

    /// One row made wrong, in which file, and the finding it must give.
    struct Damage: Sendable, CustomTestStringConvertible {
        let name: String
        let level: PartitionLevel
        let kind: StoreFinding.Kind
        let image: @Sendable (PartitionReader) throws -> RowImage

        var testDescription: String { name }

        static let web: UInt32 = 2  // `db` is written first

        static func flipped(_ bytes: [UInt8]?) -> [UInt8] {
            var bytes = bytes ?? []
            if !bytes.isEmpty { bytes[bytes.count - 1] ^= 0xff }
            return bytes
        }

        static let all = [
            Damage(name: "a window's bytes", level: .raw, kind: .row) { reader in
                let key = StoredSecond.key(series: web, second: noon + 360)
                return RowImage(
                    table: .profiles, key: key, number: 40,
                    bytes: flipped(try reader.profile(key)) + [1])
            },
            Damage(name: "an unknown stack", level: .raw, kind: .row) { _ in
                let blob = ProfileBlob(
                    period: 10, durationMilliseconds: 10_000, pairs: [.init(stack: 99, value: 40)])
                return RowImage(
                    table: .profiles, key: StoredSecond.key(series: web, second: noon + 360),
                    number: 40, bytes: blob.encoded(by: ZstdCodec()))
            },
            Damage(name: "a window's total", level: .raw, kind: .sum) { reader in
                let key = StoredSecond.key(series: web, second: noon + 360)
                return RowImage(
                    table: .profiles, key: key, number: 41, bytes: try reader.profile(key))
            },
            Damage(name: "an hour's totals", level: .raw, kind: .sum) { _ in
                RowImage(
                    table: .totals, key: StoredSecond.key(series: web, second: noon / 3600),
                    bytes: HourTotals().encoded())
            },
            Damage(name: "totals of nothing", level: .raw, kind: .sum) { _ in
                RowImage(
                    table: .totals, key: StoredSecond.key(series: web, second: noon / 3600 + 5),
                    bytes: HourTotals().encoded())
            },
            Damage(name: "a series' hours", level: .raw, kind: .sum) { reader in
                let row = try reader.series().first { $0.id == web }
                return RowImage(
                    table: .series, key: Int64(web), number: 1,
                    bytes: row.map { SeriesRow.encode($0) })
            },
            Damage(name: "a series' row", level: .raw, kind: .row) { _ in
                RowImage(table: .series, key: Int64(web), number: 7, bytes: [1])
            },
            Damage(name: "no series' row", level: .raw, kind: .sum) { _ in
                RowImage(table: .series, key: Int64(web), bytes: nil)
            },
            Damage(name: "a dictionary", level: .raw, kind: .row) { _ in
                RowImage(table: .dictionary, key: 2 << 32, bytes: [1, 0, 5])
            },
            Damage(name: "a roll-up", level: .hourly, kind: .rollUp) { _ in
                let blob = ProfileBlob(
                    period: 10, durationMilliseconds: 3_600_000,
                    pairs: [.init(stack: 0, value: 400)])
                return RowImage(
                    table: .profiles, key: StoredSecond.key(series: web, second: noon),
                    number: 400, bytes: blob.encoded(by: ZstdCodec()))
            },
            Damage(name: "no roll-up", level: .hourly, kind: .rollUp) { _ in
                RowImage(
                    table: .profiles, key: StoredSecond.key(series: web, second: noon), bytes: nil)
            },
        ]
    }

    @Test(arguments: Damage.all) func `finds`(damage: Damage) async throws {
        let directory = try TemporaryDirectory()
        await (try filled(directory.path)).close()
        let file = try file(directory.path, PartitionID(damage.level, of: noon))
        let image = try file.readNow { try damage.image($0) }
        try file.apply([image], space: .max)
        try file.close()
        let findings = try StoreInspection(directory: directory.path).findings()
        #expect(findings.contains { $0.kind == damage.kind && $0.isDamage }, "\(findings)")
        #expect(findings.allSatisfy { $0.file.hasPrefix("partitions/") })
        #expect(findings.count <= 3)
        // Queries still give an answer.
        let store = try await SQLiteProfileStore(directory: directory.path)
        _ = try await store.mergeStacks([], type: .cpu, range: ever)
    }

    @Test func `finds pages that are damaged, files of a newer version and files set aside`()
        async throws
    {
        let directory = try TemporaryDirectory()
        await (try filled(directory.path)).close()
        let paths = StoreDirectory(path: directory.path)
        let (raw, rolledUp) = (paths.partitionPath(.raw(noon)), paths.partitionPath(hourly))
        let original = try Data(contentsOf: URL(filePath: raw))
        var bytes = original
        for place in 4096..<4400 { bytes[place] = 0x5a }
        try bytes.write(to: URL(filePath: raw))
        let inspection = try StoreInspection(directory: directory.path)
        let pages = try inspection.findings()
        #expect(pages.contains { $0.kind == .file && $0.file.contains("raw-") })
        #expect(try inspection.statistics().files.first?.name == "partitions/raw-\(noon).db")

        bytes = original
        bytes.replaceSubrange(60..<64, with: [0, 0, 0, 99])
        try bytes.write(to: URL(filePath: raw))
        #expect(try inspection.findings().map(\.kind) == [.version])

        try original.write(to: URL(filePath: raw))
        paths.setAside(rolledUp)
        let findings = try inspection.findings()
        #expect(findings.map(\.kind) == [.setAside])
        #expect(findings.first?.isDamage == false)
        #expect(try inspection.statistics().filesSetAside == 1)
        try Data(repeating: 7, count: 50).write(to: URL(filePath: raw))
        #expect(try inspection.findings().map(\.kind) == [.setAside, .file])
        #expect(try inspection.statistics().files.first?.problem != nil)
    }

    @Test func `a store of an older version is looked into as it is`() throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let directory = try TemporaryDirectory()
        try FileManager.default.copyItem(
            atPath: tests.appending(path: "Stores/version-1").path,
            toPath: directory.path + "/store")
        let inspection = try StoreInspection(directory: directory.path + "/store")
        #expect(try inspection.findings() == [])
        #expect(try inspection.statistics().files.count == 3)
    }

    @Test func `what is no store is said to be none`() throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: StoreError.self) {
            _ = try StoreInspection(directory: directory.path)
        }
        #expect(error?.code == .directory)
    }
}
