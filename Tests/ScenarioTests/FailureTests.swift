import Foundation
import Testing

/// Things go wrong: one clear line, an exit code that is not 0, and stored data intact.
@Suite(.serialized, .enabled(if: getuid() == 0)) struct FailureTests {
    private func expectOneLine(
        _ result: (code: Int32, text: String), containing words: [String]
    ) {
        #expect(result.code != 0)
        let lines = result.text.split(separator: "\n").filter { $0.hasPrefix("hearth:") }
        #expect(lines.count == 1, "\(result.text)")
        for word in words { #expect(lines.first?.contains(word) == true, "\(result.text)") }
    }

    private func agent(_ directory: String, _ more: [String] = []) -> [String] {
        ["agent", "--listen", "127.0.0.1:0", "--data-dir", directory] + more
    }

    @Test func `without root`() throws {
        let directory = try TemporaryDirectory()
        _ = try shell("chmod 777 \(directory.path)")
        let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        let copy = try HearthProcess.copyForEverybody(in: directory)
        let result = try shell(
            (nobody + [copy] + agent(directory.path + "/data")).joined(separator: " "))
        expectOneLine(result, containing: ["CAP_BPF"])
    }

    @Test func `without BTF`() throws {
        let directory = try TemporaryDirectory()
        let command = ([HearthProcess.executable.path] + agent(directory.path)).joined(
            separator: " ")
        let result = try shell(
            "mkdir \(directory.path)/empty; unshare -m sh -c "
                + "'mount --bind \(directory.path)/empty /sys/kernel/btf && exec \(command)'")
        expectOneLine(result, containing: ["BTF"])
    }

    @Test func `with the port taken`() async throws {
        let first = try TemporaryDirectory()
        let second = try TemporaryDirectory()
        let running = try await RunningAgent(dataDirectory: first.path)
        let address = String(running.url.dropFirst("http://".count))
        let result = try HearthProcess.run([
            "agent", "--listen", address, "--data-dir", second.path,
        ])
        expectOneLine(result, containing: [address, "in use"])
        #expect(try await running.get("/ready").status == 200)
        _ = running.stop()
    }

    @Test func `twice on one data directory`() async throws {
        let directory = try TemporaryDirectory()
        let running = try await RunningAgent(dataDirectory: directory.path)
        let result = try HearthProcess.run(agent(directory.path))
        expectOneLine(result, containing: [directory.path])
        #expect(try await running.get("/ready").status == 200)
        _ = running.stop()
    }

    @Test func `with a data directory that is read-only or full`() throws {
        let directory = try TemporaryDirectory()
        let command = ([HearthProcess.executable.path] + agent(directory.path + "/mnt"))
            .joined(separator: " ")
        let readOnly = try shell(
            "mkdir -p \(directory.path)/mnt; unshare -m sh -c "
                + "'mount -t tmpfs -o ro none \(directory.path)/mnt && exec \(command)'")
        expectOneLine(readOnly, containing: [directory.path])
        let full = try shell(
            "unshare -m sh -c 'mount -t tmpfs -o size=64k none \(directory.path)/mnt "
                + "&& { head -c 64k /dev/zero >\(directory.path)/mnt/fill; exec \(command); }'")
        expectOneLine(full, containing: [directory.path])
    }

    @Test func `goes on serving when the disk fills up, and goes on storing when there is room`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let mount = directory.path + "/mnt"
        _ = try shell("mkdir \(mount) && mount -t tmpfs -o size=8m none \(mount)")
        defer { _ = try? shell("umount -l \(mount)") }
        let agent = try await RunningAgent(
            dataDirectory: mount + "/store",
            arguments: ["--window", "1s", "--min-free-bytes", "1MiB"])
        try await Task.sleep(for: .seconds(3))
        let until = Int(Date().timeIntervalSince1970) - 2
        let query = "/api/v1/services?from=\(until - 60)&until=\(until)"
        let before = try await agent.text(query)
        _ = try shell("head -c 16m /dev/zero >\(mount)/fill")
        try await waitFor(status: 503, of: agent)
        #expect(try await agent.text("/ready").contains("free"))
        #expect(try await agent.text(query) == before)
        _ = try shell("rm \(mount)/fill")
        try await waitFor(status: 200, of: agent)
        #expect(try await agent.text(query) == before)
        _ = agent.stop()
    }

    private func waitFor(status: Int, of agent: RunningAgent) async throws {
        for _ in 0..<150 {
            if try await agent.get("/ready").status == status { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("/ready never said \(status)")
    }

    @Test(arguments: [
        ("frequncy: 97", ["1", "frequncy"]), ("\nfrequency: fast", ["2", "fast"]),
        ("listen: 0.0.0.0:4041", ["allow-anonymous"]),
        ("window: 10s\nwindow: 5s", ["2", "window"]),
        ("a: [", ["YAML"]), ("- a\n- b", ["key: value"]),
    ])
    func `with a configuration it cannot use`(text: String, words: [String]) throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/agent.yaml"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let result = try HearthProcess.run(["agent", "--config", file])
        expectOneLine(result, containing: words)
    }

    @Test func `the packaged configuration is the default`() async throws {
        let directory = try TemporaryDirectory()
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let agent = try await RunningAgent(
            dataDirectory: directory.path,
            arguments: ["--config", root.appending(path: "packaging/agent.yaml").path])
        #expect(agent.stop().code == 0)
    }
}

extension HearthProcess {
    /// The program where every user may run it.
    static func copyForEverybody(in directory: TemporaryDirectory) throws -> String {
        let copy = directory.path + "/hearth"
        try FileManager.default.copyItem(atPath: executable.path, toPath: copy)
        _ = try shell("chmod 755 \(copy)")
        return copy
    }
}
