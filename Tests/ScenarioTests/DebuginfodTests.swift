import Foundation
import Testing

/// Names of a stripped program from a debuginfod server: needs root.
@Suite(.serialized, .enabled(if: getuid() == 0)) struct DebuginfodTests {
    /// Answers what it is asked for once, from a directory laid out as the protocol's paths are.
    private func serve(_ directory: String) throws -> (server: Process, url: String) {
        let port = 20_000 + Int(getpid()) % 20_000
        let server = try HearthProcess.startProgram([
            "python3", "-m", "http.server", "\(port)", "--bind", "127.0.0.1", "--directory",
            directory,
        ])
        return (server, "http://127.0.0.1:\(port)")
    }

    @Test func `fetches the debug file of what was sampled, and names it from then on`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let program = try compile(
            "three_functions.c", flags: "-O1 -g -Wl,--build-id", into: directory.path,
            name: "stripped_one")
        let id = try shell("readelf -n \(program) | awk '/Build ID/ { printf \"%s\", $3 }'").text
        let place = "\(directory.path)/www/buildid/\(id)"
        let split = try shell(
            "mkdir -p \(place) && objcopy --only-keep-debug \(program) \(place)/debuginfo "
                + "&& strip \(program)")
        try #require(split.code == 0, "\(split.text)")
        let (server, url) = try serve(directory.path + "/www")
        defer { server.end() }
        let agent = try await RunningAgent(
            dataDirectory: directory.path + "/store",
            arguments: ["--window", "1s", "--debuginfod-urls", url])
        let load = try HearthProcess.startProgram([program, "60"])
        defer { load.end() }
        var lines: [FoldedLine] = []
        for _ in 0..<45 {
            try await Task.sleep(for: .seconds(1))
            lines = try await agent.collapsed(application: "stripped_one", from: "now-3s")
            if lines.share(of: "spend_fifty") > 0.3 { break }
        }
        #expect(lines.share(of: "spend_fifty") > 0.3, "\(lines.prefix(3)) \(agent.log)")
        let processes = try await agent.text("/api/v1/processes")
        #expect(processes.contains("\"names\":\"debuginfod\""))
        _ = agent.stop()
    }
}
