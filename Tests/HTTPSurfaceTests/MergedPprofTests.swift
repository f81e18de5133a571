import Foundation
import HummingbirdTesting
import NIOCore
import ProfileStore
import Testing

/// A pprof of a range holds what the pprofs of its parts hold, as Go's own tool adds them up.
@Suite struct MergedPprofTests {
    private let directory = NSTemporaryDirectory() + "hearth-\(UUID().uuidString)"

    /// The table of `go tool pprof -top`, without what it says about the files.
    private func top(_ files: [String]) throws -> [String] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            [
                "go", "tool", "pprof", "-top", "-nodecount=100000", "-nodefraction=0",
                "-unit=nanoseconds", "-sample_index=cpu",
            ] + files
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
        // Flat, share, sum of shares, cumulative, share, name; of equal functions any order is right.
        let table = lines.drop { !$0.contains("flat%") }.dropFirst().map { line in
            let columns = line.split(separator: " ")
            return [columns[0], columns[3]] + columns[5...]
        }
        return table.map { $0.joined(separator: " ") }.sorted()
    }

    @Test func `go tool pprof finds the same totals in the whole and in the parts`() async throws {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try await SQLiteProfileStore(directory: directory + "/store")
        let fixture = try await QueryFixture(store)
        for second in 0..<40 as Range<Int64> {
            let stacks = (0..<30).map { index in
                let depth = Int(second) * 7 + index * 13
                let path = (0...depth % 9).map { "f\(($0 * 5 + depth) % 17)" }
                return "\(path.joined(separator: ";")) \(10_000 + depth)"
            }
            try await fixture.write(
                "many", Set(stacks).joined(separator: "\n"), at: second, zone: "\(second % 3)")
        }
        func save(_ name: String, _ from: Int64, _ until: Int64) async throws -> String {
            let response = try await fixture.get(
                "/pyroscope/render",
                [
                    "query": QueryFixture.cpu + #"{service_name="many"}"#, "format": "pprof",
                    "from": "\(QueryFixture.start + from)",
                    "until": "\(QueryFixture.start + until)",
                ])
            let file = "\(directory)/\(name).pb.gz"
            try Data(response.body.readableBytesView).write(to: URL(filePath: file))
            return file
        }
        let whole = try top([try await save("whole", 0, 39)])
        var parts: [String] = []
        for part in 0..<4 as Range<Int64> {
            parts.append(try await save("part\(part)", part * 10, part * 10 + 9))
        }
        #expect(whole.count == 17)
        #expect(try top(parts) == whole)
        await store.close()
    }
}
