package import Demangling
package import Logging
package import Sampling

/// Everything an operator can settle about the node daemon. Defaults are those of
/// `packaging/agent.yaml`, which explains every key.
package struct AgentConfiguration: Sendable {
    package var listen = ListenAddress(host: "127.0.0.1", port: 4041)
    package var dataDirectory = "/var/lib/hearth"
    package var logLevel = Logger.Level.info
    package var windowSeconds = 10
    package var sampling = SamplingConfiguration.standard
    /// The `host` label; nil takes the machine's UTS host name.
    package var host: String?
    /// How long windows are kept, and then hours.
    package var retentionSeconds = 7 * 86_400
    package var hourlyRetentionSeconds = 90 * 86_400
    /// Nil: 10 % of the file system, at most 2 GiB.
    package var maximumBytes: Int64?
    /// What the daemon's anonymous memory and its BPF maps may take in all.
    package var memoryBudget: Int64 = 96 << 20
    /// How long single samples are kept.
    package var recentSeconds = 3600
    /// What they may take, on disk nearly all of it; 0 keeps none.
    package var recentBytes: Int64 = 16 << 20
    package var nameStyle = NameStyle.full
    /// What symbol tables kept on disk may take in all.
    package var symbolCacheBytes: Int64 = 512 << 20
    /// Servers that are asked for debug files by build ID; none: nobody is asked.
    package var debuginfodURLs: [String] = []
    package var minimumFreeBytes: Int64 = 64 << 20
    /// Names beside loopback's and the listen address's by which browsers may reach this node.
    package var allowedHosts: [String] = []
    package var allowAnonymous = false

    package init() {}

    /// What no single setting can see: whether the settings fit together.
    package func validate() throws(ConfigurationError) {
        guard listen.isLoopback || allowAnonymous else {
            throw ConfigurationError(
                key: "listen",
                message:
                    "\(listen) can be reached from other machines, and anybody there could read "
                    + "this machine's profiles: listen on 127.0.0.1, or say `allow-anonymous: true`"
            )
        }
    }
}

/// Where the daemon listens.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `HOST:PORT`, `[IPV6]:PORT` or `:PORT` (loopback). Nil when it is none of these.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.init(host: host.isEmpty ? "127.0.0.1" : host, port: port)
    }

    /// Whether only this machine can reach it.
    package var isLoopback: Bool {
        host == "localhost" || host == "::1" || (host.hasPrefix("127.") && !host.contains(":"))
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
