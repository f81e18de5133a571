import Foundation
import Testing

/// Single samples of a running daemon: needs root.
@Suite(.serialized, .enabled(if: getuid() == 0)) struct RecentTests {
    private struct Heatmap: Decodable {
        let start: Int64
        let step_milliseconds: Int64
        let columns: Int
        let values: [[Int64]]
    }

    private struct Held: Decodable {
        struct Process: Decodable {
            let pid: Int
            let comm: String?
            let threads: Int
            let samples: Int64
            let cpu_nanoseconds: Int64
        }

        let start: Int64?
        let end: Int64?
        let samples: Int64
        let processes: [Process]
    }

    private static let type = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"

    private func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    /// Waits until samples up to a time, in milliseconds, can be asked for.
    private func wait(for time: Int64, of agent: RunningAgent) async throws {
        for _ in 0..<300 {
            let held = try JSONDecoder().decode(
                Held.self, from: try await agent.get("/api/v1/recent").body)
            if let end = held.end, end >= time { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        Issue.record("the daemon closed no window after \(time)")
    }

    @Test func `bursts show as bursts, and each process has its share`() async throws {
        let directory = try TemporaryDirectory()
        let program = try compile(
            "bursts.c", flags: "-O1 -fno-omit-frame-pointer", into: directory.path)
        let agent = try await RunningAgent(
            dataDirectory: directory.path + "/store",
            arguments: ["--window", "2s", "--frequency", "497"])
        let (out, count) = (directory.path, 8)
        let began = Int64(Date().timeIntervalSince1970 * 1000)
        let result = try shell(
            "\(program) \(count) 200 300 > \(out)/one & echo $!; "
                + "\(program) \(count) 600 900 > \(out)/two & echo $!; wait; cat \(out)/one \(out)/two"
        )
        let numbers = result.text.split(separator: "\n").compactMap { Int64($0) }
        try #require(numbers.count == 4, "\(result.text)")
        let ended = Int64(Date().timeIntervalSince1970 * 1000)
        try await wait(for: ended, of: agent)
        let span = "from=\(began)&until=\(ended)"
        for (pid, took, rows) in [
            (numbers[0], numbers[2], 4..<6), (numbers[1], numbers[3], 12..<18),
        ] {
            let selector = escaped("{pid=\"\(pid)\"}")
            let heatmap = try JSONDecoder().decode(
                Heatmap.self,
                from: try await agent.get(
                    "/api/v1/heatmap?\(span)&step=1s&rows=20&query=\(selector)"
                ).body)
            #expect(heatmap.values.count == 20)
            let total = heatmap.values.joined().reduce(0, +)
            let inside = heatmap.values[rows].joined().reduce(0, +)
            // The program's start is outside, and what the scheduler gives late.
            #expect(Double(inside) > 0.95 * Double(total), "\(heatmap.values)")
            let busy = (0..<heatmap.columns).filter { column in
                heatmap.values.contains { $0[column] > 0 }
            }
            #expect((count...count + 2).contains(busy.count), "one burst a second: \(busy)")
            #expect(
                abs(Double(total) / Double(took) - 1) < 0.2, "\(total) ns sampled, \(took) spent")
            let lines = FoldedLine.parse(
                try await agent.text(
                    "/pyroscope/render?format=collapsed&\(span)&query=\(Self.type)\(selector)"))
            #expect(lines.total == total)
            #expect(lines.share(of: "burst") > 0.95)
        }
        let held = try JSONDecoder().decode(
            Held.self,
            from: try await agent.get(
                "/api/v1/recent?\(span)&query=\(escaped("{comm=\"bursts\"}"))"
            ).body)
        #expect(Set(held.processes.map { Int64($0.pid) }) == Set(numbers[..<2]))
        #expect(held.processes.map(\.threads) == [1, 1])
        _ = agent.stop()
    }

    @Test func `add up to what the store has of the same windows`() async throws {
        let directory = try TemporaryDirectory()
        let agent = try await RunningAgent(
            dataDirectory: directory.path, arguments: ["--window", "2s", "--frequency", "499"])
        let load = try HearthProcess.startProgram([
            "bash", "-c", "for i in $(seq 200); do ls -R /usr/lib/gcc > /dev/null; done",
        ])
        defer { load.end() }
        try await Task.sleep(for: .seconds(9))
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let (start, end) = ((now - 7000) / 2000 * 2000, now / 2000 * 2000)
        try await wait(for: end, of: agent)
        // The ring has a window before the store has committed it.
        try await Task.sleep(for: .seconds(1))
        func folded(_ rest: String) async throws -> [String] {
            try await agent.text(
                "/pyroscope/render?format=collapsed&from=\(start)&until=\(end - 1)&query=\(Self.type)%7B%7D\(rest)"
            ).split(separator: "\n").map { String($0) }.sorted()
        }
        let stored = try await folded("")
        let single = try await folded("&source=recent")
        #expect(stored.count > 20)
        #expect(stored == single)
        let gone = try await agent.get(
            "/pyroscope/render?from=1000&until=2000&source=recent&query=\(Self.type)%7B%7D")
        #expect(gone.status == 400)
        #expect(String(decoding: gone.body, as: UTF8.self).contains("single samples are held from"))
        let metrics = try await agent.text("/metrics")
        #expect(metrics.contains("hearth_recent_samples_dropped_total{reason=\"window\"} 0\n"))
        #expect(metrics.contains("hearth_recent_samples "))
        #expect(try await agent.text("/api/v1/status").contains("\"recent\":{"))
        _ = agent.stop()
    }
}
