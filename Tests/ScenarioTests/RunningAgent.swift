import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

/// A node daemon of this test's own, on a free port and in its own directory.
final class RunningAgent {
    let hearth: HearthProcess
    let url: String
    private let later = Transcript()

    /// What it printed after its address.
    var log: String { later.text.withLock { $0 } }

    /// Starts it and waits until it answers.
    init(dataDirectory: String, arguments: [String] = []) async throws {
        let all =
            ["agent", "--listen", "127.0.0.1:0", "--data-dir", dataDirectory] + arguments
        hearth = try HearthProcess.start(all)
        var text = ""
        var found: String?
        let handle = hearth.output.fileHandleForReading
        while found == nil {
            let data = handle.availableData
            if data.isEmpty { break }
            text += String(decoding: data, as: UTF8.self)
            found = text.firstMatch(of: /http:\/\/127\.0\.0\.1:[0-9]+/).map { String($0.output) }
        }
        // The pipe must not fill up and block the daemon; what it says may explain a failure.
        handle.readabilityHandler = { [later] in later.append($0.availableData) }
        url = try #require(found, "the agent printed no address: \(text)")
        for _ in 0..<100 {
            if try await get("/ready").status == 200 { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("the agent never became ready: \(text)")
    }

    deinit {
        if hearth.process.isRunning { kill(hearth.process.processIdentifier, SIGKILL) }
    }

    /// One request.
    func get(_ path: String) async throws -> (status: Int, body: Data) {
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: url + path), timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 64 << 20)
        return (Int(response.status.code), Data(body.readableBytesView))
    }

    func text(_ path: String) async throws -> String {
        String(decoding: try await get(path).body, as: UTF8.self)
    }

    /// Folded stacks of one application (all: nil), values in nanoseconds of CPU.
    func collapsed(
        application: String? = nil, from: String = "now-1h"
    ) async throws -> [FoldedLine] {
        let selector = application.map { "{service_name=\"\($0)\"}" } ?? "{}"
        let query = "process_cpu:cpu:nanoseconds:cpu:nanoseconds" + selector
        let escaped = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let text = try await text(
            "/pyroscope/render?format=collapsed&from=\(from)&until=now&query=\(escaped)")
        return FoldedLine.parse(text)
    }

    /// Ends it politely and returns how long that took, in seconds, and its exit code.
    func stop() -> (seconds: Double, code: Int32) {
        let start = ContinuousClock.now
        hearth.process.terminate()
        hearth.process.waitUntilExit()
        let took = ContinuousClock.now - start
        return (
            Double(took.components.seconds) + Double(took.components.attoseconds) * 1e-18,
            hearth.process.terminationStatus
        )
    }

    /// Ends it as a power cut would.
    func killHard() {
        kill(hearth.process.processIdentifier, SIGKILL)
        hearth.process.waitUntilExit()
    }
}

/// What a program prints, as it comes.
private final class Transcript: Sendable {
    let text = Mutex("")

    func append(_ data: Data) { text.withLock { $0 += String(decoding: data, as: UTF8.self) } }
}

/// `root;…;leaf value`.
struct FoldedLine {
    let frames: [String]
    let value: Int64

    static func parse(_ text: String) -> [FoldedLine] {
        text.split(separator: "\n").compactMap { line in
            guard let space = line.lastIndex(of: " "),
                let value = Int64(line[line.index(after: space)...])
            else { return nil }
            return FoldedLine(
                frames: line[..<space].split(separator: ";").map { String($0) }, value: value)
        }
    }
}

extension [FoldedLine] {
    var total: Int64 { reduce(0) { $0 + $1.value } }

    /// Share of the total under `function`, anywhere in the stack.
    func share(of function: String) -> Double {
        let part = filter { $0.frames.contains(function) }.total
        return total == 0 ? 0 : Double(part) / Double(total)
    }
}
