import Foundation
import Testing

/// More programs than the memory budget has room for: needs root.
@Suite(.serialized, .enabled(if: getuid() == 0)) struct EvictionTests {
    /// Runs a shell loop for some seconds.
    private func keepBusy(_ command: String, seconds: Int) throws {
        let load = try HearthProcess.startProgram([
            "timeout", "\(seconds)", "sh", "-c", "while :; do \(command); done",
        ])
        load.waitUntilExit()
    }

    @Test func `evicting and loading unwind tables never gives a wrong frame`() async throws {
        let directory = try TemporaryDirectory()
        let program = try compile(
            "three_functions.c", flags: "-O2 -fomit-frame-pointer", into: directory.path,
            name: "evicted")
        try "int f(int a) { return a * a; }".write(
            toFile: directory.path + "/a.c", atomically: true, encoding: .utf8)
        try "func f(_ a: Int) -> Int { a * a }".write(
            toFile: directory.path + "/a.swift", atomically: true, encoding: .utf8)
        // A third of the budget is for tables. Each compiler's alone fits, both together do not.
        let agent = try await RunningAgent(
            dataDirectory: directory.path + "/store",
            arguments: ["--window", "1s", "--frequency", "497", "--memory-budget", "45MiB"])
        let load = try HearthProcess.startProgram([program, "60"])
        defer { load.end() }
        let clang = "clang -O2 -c \(directory.path)/a.c -o /dev/null"
        let swift = "swiftc -typecheck \(directory.path)/a.swift"
        for command in [clang, swift, clang] {
            try keepBusy(command, seconds: 8)
            try await Task.sleep(for: .seconds(5))  // what was used just now is not evicted
        }
        try await Task.sleep(for: .seconds(3))
        let metrics = try await agent.text("/metrics")
        let evicted = metrics.split(separator: "\n").first {
            $0.hasPrefix("hearth_unwind_tables_evicted_total ")
        }
        // How much fits depends on what else runs here, so only the long tier insists.
        if ProcessInfo.processInfo.environment["HEARTH_KILLS"] != nil {
            #expect(evicted.map { !$0.hasSuffix(" 0") } == true, "\(evicted ?? "no such metric")")
        }
        let lines = try await agent.collapsed(application: "evicted")
        #expect(lines.total > 1_000_000_000)
        // Every stack is main and at most one of the three: wrong rows would repeat or skip frames.
        let wrong = lines.filter { line in
            let mains = line.frames.count { $0 == "main" }
            let leaves = line.frames.count { $0.hasPrefix("spend_") }
            return mains > 1 || leaves > 1 || (leaves == 1 && mains == 0 && !line.isCut)
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
        #expect(lines.share(of: "main") > 0.99)
        _ = agent.stop()
    }
}

extension FoldedLine {
    /// Whether the stack says that it is not whole.
    fileprivate var isCut: Bool { frames.contains { $0.hasPrefix("[cut:") } }
}
