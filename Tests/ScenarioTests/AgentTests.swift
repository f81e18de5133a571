import Foundation
import Testing

/// The daemon as an operator meets it, on this kernel: needs root.
@Suite(.serialized, .enabled(if: getuid() == 0)) struct AgentTests {
    @Test func `shows what runs, kernel frames included`() async throws {
        let directory = try TemporaryDirectory()
        let started = ContinuousClock.now
        let agent = try await RunningAgent(
            dataDirectory: directory.path, arguments: ["--window", "2s"])
        // Something that is in the kernel for most of its time.
        let load = try HearthProcess.startProgram(["dd", "if=/dev/zero", "of=/dev/null", "bs=64k"])
        defer { load.end() }
        var lines: [FoldedLine] = []
        // Release builds need five seconds; this is a debug build on a machine that does other work.
        while ContinuousClock.now - started < .seconds(90) {
            lines = try await agent.collapsed(application: "dd")
            if lines.contains(where: { $0.frames.contains { $0.contains("read") } }) { break }
            try await Task.sleep(for: .milliseconds(500))
        }
        #expect(lines.total > 0, "dd is an application with CPU time")
        #expect(
            lines.contains {
                $0.frames.contains { $0.hasPrefix("ksys_read") || $0.hasPrefix("vfs_read") }
            },
            "kernel functions are named: \(lines.prefix(3))")
        let all = try await agent.collapsed()
        #expect(Set(all.map { $0.frames.last ?? "" }).count > 1)
        _ = agent.stop()
    }

    @Test func `splits CPU time among functions as the program does`() async throws {
        let directory = try TemporaryDirectory()
        let program = try compile(
            "three_functions.c", flags: "-O1 -fno-omit-frame-pointer", into: directory.path,
            name: "known_shares")
        let agent = try await RunningAgent(
            dataDirectory: directory.path + "/store", arguments: ["--window", "2s"])
        let load = try HearthProcess.startProgram([program, "30"])
        load.waitUntilExit()
        try await Task.sleep(for: .seconds(4))
        let lines = try await agent.collapsed(application: "known_shares")
        for (function, share) in [
            ("spend_fifty", 0.5), ("spend_thirty", 0.3), ("spend_twenty", 0.2),
        ] {
            let seen = lines.share(of: function)
            #expect(abs(seen - share) <= 0.03, "\(function): \(seen)")
        }
        let inMain = lines.share(of: "main")
        let strays = lines.filter { !$0.frames.contains("main") }.sorted { $0.value > $1.value }
            .prefix(9)
        // The dynamic loader runs before main, for a millisecond or two.
        #expect(inMain > 0.995, "main is under \(inMain) of the time, not under \(strays)")
        // 97 Hz see the program's own 30 s of wall time, less what other processes took.
        #expect(lines.total > 5_000_000_000)
        _ = agent.stop()
    }

    @Test func `accounts for every sample`() async throws {
        let directory = try TemporaryDirectory()
        let agent = try await RunningAgent(
            dataDirectory: directory.path, arguments: ["--window", "1s", "--frequency", "497"])
        try await Task.sleep(for: .seconds(5))
        let metrics = try await agent.text("/metrics")
        func value(_ name: String) -> Double {
            metrics.split(separator: "\n").filter { $0.hasPrefix(name) }.compactMap {
                $0.split(separator: " ").last.flatMap { Double($0) }
            }.reduce(0, +)
        }
        let fired = value("hearth_samples_fired_total")
        let delivered = value("hearth_samples_delivered_total")
        let lost = value("hearth_samples_lost_total")
        #expect(fired > 0)
        #expect(abs(fired - delivered - lost) <= 4, "ticks under way on the CPUs at most")
        let received = value("hearth_samples_received_total")
        let stored = value("hearth_samples_stored_total")
        let dropped = value("hearth_samples_dropped_total")
        let pending = value("hearth_samples_pending")
        #expect(received == stored + dropped + pending)
        #expect(dropped == 0)
        #expect(stored > 0)
        for line in metrics.split(separator: "\n") where !line.hasPrefix("#") {
            let name = line.prefix { $0 != "{" && $0 != " " }
            #expect(metrics.contains("# HELP \(name) "))
            #expect(metrics.contains("# TYPE \(name) "))
        }
        _ = agent.stop()
    }

    @Test func `a reader that stalls loses samples, and every one is counted`() async throws {
        let directory = try TemporaryDirectory()
        let program = try compile(
            "recursion.c", flags: "-O1 -fno-optimize-sibling-calls", into: directory.path)
        let agent = try await RunningAgent(
            dataDirectory: directory.path + "/store",
            arguments: ["--window", "1s", "--frequency", "997"])
        let loads = try (0..<ProcessInfo.processInfo.activeProcessorCount).map { _ in
            try HearthProcess.startProgram([program, "8"])
        }
        try await Task.sleep(for: .seconds(2))
        kill(agent.hearth.process.processIdentifier, SIGSTOP)
        for load in loads { load.waitUntilExit() }
        kill(agent.hearth.process.processIdentifier, SIGCONT)
        try await Task.sleep(for: .seconds(3))
        let metrics = try await agent.text("/metrics")
        func value(_ name: String) -> Double {
            metrics.split(separator: "\n").filter { $0.hasPrefix(name) }.compactMap {
                $0.split(separator: " ").last.flatMap { Double($0) }
            }.reduce(0, +)
        }
        let fired = value("hearth_samples_fired_total")
        let delivered = value("hearth_samples_delivered_total")
        let lost = value("hearth_samples_lost_total")
        #expect(value("hearth_samples_lost_total{reason=\"ring_full\"}") > 1000)
        #expect(abs(fired - delivered - lost) <= 4, "ticks under way on the CPUs at most")
        let received = value("hearth_samples_received_total")
        #expect(
            received
                == value("hearth_samples_stored_total") + value("hearth_samples_dropped_total")
                + value("hearth_samples_pending"))
        // Nobody stalls now, so nothing but the ring's current content is still to be read.
        #expect(delivered - received < 1000)
        _ = agent.stop()
    }

    @Test func `stops within two seconds and finds its data at the next start`() async throws {
        let directory = try TemporaryDirectory()
        var agent = try await RunningAgent(
            dataDirectory: directory.path, arguments: ["--window", "1s"])
        try await Task.sleep(for: .seconds(7))
        // What is older is written by now, also on a machine that is building.
        let until = Int(Date().timeIntervalSince1970) - 4
        let query = "/api/v1/services?from=\(until - 60)&until=\(until)"
        let before = try await agent.text(query)
        #expect(before.count > 40)
        let (seconds, code) = agent.stop()
        #expect(seconds < 2)
        #expect(code == 0, "\(agent.log)")
        agent = try await RunningAgent(
            dataDirectory: directory.path, arguments: ["--window", "1s"])
        #expect(try await agent.text(query) == before)
        _ = agent.stop()
    }

    @Test func `kill -9 loses no window that could be read before`() async throws {
        let rounds = Int(ProcessInfo.processInfo.environment["HEARTH_KILLS"] ?? "") ?? 5
        let directory = try TemporaryDirectory()
        var expected: (query: String, total: Int64)?
        for round in 0..<rounds {
            let agent = try await RunningAgent(
                dataDirectory: directory.path, arguments: ["--window", "1s", "--frequency", "497"])
            if let expected {
                let total = FoldedLine.parse(try await agent.text(expected.query)).total
                // What was stored between the question and the kill may have come on top.
                #expect(total >= expected.total, "round \(round)")
            }
            try await Task.sleep(for: .milliseconds(2500 + Int.random(in: 0..<1000)))
            // Windows that ended before now: what a query shows of them was acknowledged.
            let until = Int(Date().timeIntervalSince1970) - 1
            let query =
                "/pyroscope/render?format=collapsed&from=\(until - 30)&until=\(until)"
                + "&query=process_cpu:cpu:nanoseconds:cpu:nanoseconds%7B%7D"
            expected = (query, FoldedLine.parse(try await agent.text(query)).total)
            try await Task.sleep(for: .milliseconds(Int.random(in: 0..<300)))
            agent.killHard()
        }
        #expect((expected?.total ?? 0) > 0)
    }
}

extension Process {
    /// Ends it for certain: it may have been started with SIGTERM blocked, as threads of ours have it.
    func end() {
        kill(processIdentifier, SIGKILL)
        waitUntilExit()
    }
}

extension HearthProcess {
    /// Starts any program with its output thrown away.
    static func startProgram(_ command: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }
}
