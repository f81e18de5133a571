import ArgumentParser
import Foundation
import HearthAgent

/// `hearth agent`.
struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Profile this machine until stopped, keep the profiles, serve them over HTTP.",
        discussion: """
            Samples every process on every CPU through BPF, names the stacks, stores them by \
            application in windows of ten seconds and serves a page with flame graphs. Needs root, or \
            the capabilities of packaging/systemd/hearth-agent.service. SIGTERM or Ctrl-C ends it; \
            the window under way is stored first.

            Every flag is also a key of the configuration file (packaging/agent.yaml explains them); \
            flags win over the file.
            """)

    @Option(help: "Read settings from this YAML file.")
    var config: String?

    @Option(help: "Serve on HOST:PORT. (default: 127.0.0.1:4041)")
    var listen: String?

    @Option(help: "Keep profiles in this directory. (default: /var/lib/hearth)")
    var dataDir: String?

    @Option(help: "Samples per second and CPU, 1 to 1000. (default: 97)")
    var frequency: String?

    @Option(help: "How much time one stored profile covers. (default: 10s)")
    var window: String?

    @Option(help: "Keep profiles older than this by the hour only. (default: 7d)")
    var retention: String?

    @Option(help: "Delete hours older than this. (default: 90d)")
    var hourlyRetention: String?

    @Option(help: "Keep at most this much. (default: 10 % of the file system, at most 2GiB)")
    var maxBytes: String?

    @Option(help: "Keep single samples this long. (default: 1h)")
    var recentSpan: String?

    @Option(help: "Single samples take at most this; 0 keeps none. (default: 16MiB)")
    var recentBytes: String?

    @Option(help: "Stop storing when less than this is free. (default: 64MiB)")
    var minFreeBytes: String?

    @Option(help: "Memory of the daemon and its BPF maps. (default: 96MiB)")
    var memoryBudget: String?

    @Option(help: "Symbol tables kept on disk, in all. (default: 512MiB)")
    var symbolCacheBytes: String?

    @Option(help: "full, short, or as the linker knows them. (default: full)")
    var names: String?

    @Option(help: "Servers to ask for debug files by build ID. (default: none)")
    var debuginfodUrls: String?

    @Option(help: "The `host` label. (default: the host name)")
    var host: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical. (default: info)")
    var logLevel: String?

    @Option(help: "More names by which browsers may reach this node, separated by commas.")
    var allowedHosts: String?

    @Flag(help: "Serve to anybody who can reach the listen address.")
    var allowAnonymous = false

    func run() async throws {
        umask(0o027)  // profiles are for the daemon's user and group alone
        do {
            let configuration = try settings()
            try await Agent(configuration) { url in
                // Not print: nobody who reads a pipe or a log should wait for its buffer to fill.
                FileHandle.standardOutput.write(Data("The page: \(url)\n".utf8))
            }.run()
        } catch {
            complain(error)
            throw ExitCode(1)
        }
    }

    /// Flags over file over defaults.
    private func settings() throws -> AgentConfiguration {
        var configuration = AgentConfiguration()
        if let directory = ProcessInfo.processInfo.environment["STATE_DIRECTORY"] {
            configuration.dataDirectory = directory  // systemd's StateDirectory=
        }
        if let config {
            guard let data = FileManager.default.contents(atPath: config) else {
                throw ConfigurationError(
                    key: "config", message: "cannot read \(config): does it exist, and may we?")
            }
            try ConfigurationFile.apply(
                String(decoding: data, as: UTF8.self), named: config, to: &configuration)
        }
        let flags = [
            "listen": listen, "data-dir": dataDir, "frequency": frequency, "window": window,
            "memory-budget": memoryBudget, "retention": retention, "max-bytes": maxBytes,
            "hourly-retention": hourlyRetention, "min-free-bytes": minFreeBytes,
            "symbol-cache-bytes": symbolCacheBytes,
            "recent-span": recentSpan, "recent-bytes": recentBytes,
            "debuginfod-urls": debuginfodUrls, "names": names,
            "host": host, "log-level": logLevel, "allowed-hosts": allowedHosts,
            "allow-anonymous": allowAnonymous ? "true" : nil,
        ]
        for (key, text) in flags.sorted(by: { $0.key < $1.key }) {
            if let text { try configuration.set(key, to: text) }
        }
        try configuration.validate()
        return configuration
    }
}

/// One line on standard error, the way every command ends badly.
func complain(_ error: any Error) {
    FileHandle.standardError.write(Data("hearth: \(error)\n".utf8))
}
