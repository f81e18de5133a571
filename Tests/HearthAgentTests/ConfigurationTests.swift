import Logging
import Sampling
import Testing

@testable import HearthAgent

@Suite struct ConfigurationTests {
    @Test(
        arguments: [
            ("0", 0), ("90", 90), ("10s", 10), ("15m", 900), ("12h", 43_200), ("7d", 604_800),
            ("2 w", 1_209_600), ("", nil), ("s", nil), ("-1s", nil), ("1.5h", nil),
            ("10 parsecs", nil),
            ("99999999999999999999s", nil), ("9223372036854775807w", nil),
        ] as [(String, Int?)])
    func `reads a time`(text: String, seconds: Int?) {
        #expect(Quantity.seconds(text) == seconds)
    }

    @Test(
        arguments: [
            ("4096", 4096), ("500MB", 500_000_000), ("64MiB", 67_108_864), ("2GiB", 2_147_483_648),
            ("1TB", 1_000_000_000_000), ("10kB", 10_000), ("1 KiB", 1024), ("1Mb", nil), ("", nil),
            ("9999999999TiB", nil),
        ] as [(String, Int64?)])
    func `reads a size`(text: String, bytes: Int64?) {
        #expect(Quantity.bytes(text) == bytes)
    }

    @Test(arguments: [
        ("127.0.0.1:4041", "127.0.0.1", 4041), ("[::1]:80", "::1", 80), (":0", "127.0.0.1", 0),
        ("localhost:65535", "localhost", 65_535),
    ])
    func `reads an address`(text: String, host: String, port: Int) {
        #expect(ListenAddress(text) == ListenAddress(host: host, port: port))
    }

    @Test(arguments: ["", "4041", "host", "host:", "host:x", "host:65536", "host:-1"])
    func `refuses what is no address`(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.1.2.3", true), ("::1", true), ("localhost", true),
        ("0.0.0.0", false), ("::", false), ("10.0.0.1", false), ("example.org", false),
    ])
    func `knows which addresses only this machine reaches`(host: String, isLoopback: Bool) {
        #expect(ListenAddress(host: host, port: 1).isLoopback == isLoopback)
    }

    @Test func `sets every key from a file`() throws {
        var configuration = AgentConfiguration()
        try ConfigurationFile.apply(
            """
            listen: "[::1]:9000"
            allow-anonymous: true
            allowed-hosts: [node-1, node-1.example.org]
            data-dir: /srv/hearth
            retention: 3d
            hourly-retention: 30d
            recent-span: 2h
            recent-bytes: 32MiB
            max-bytes: 1GiB
            min-free-bytes: 10MB
            frequency: 499
            window: 30s
            host: web-1
            log-level: debug
            """, named: "agent.yaml", to: &configuration)
        #expect(configuration.listen == ListenAddress(host: "::1", port: 9000))
        #expect(configuration.allowAnonymous)
        #expect(configuration.allowedHosts == ["node-1", "node-1.example.org"])
        #expect(configuration.dataDirectory == "/srv/hearth")
        #expect(configuration.retentionSeconds == 259_200)
        #expect(configuration.hourlyRetentionSeconds == 30 * 86_400)
        #expect(configuration.recentSeconds == 7200)
        #expect(configuration.recentBytes == 32 << 20)
        #expect(configuration.maximumBytes == 1 << 30)
        #expect(configuration.minimumFreeBytes == 10_000_000)
        #expect(configuration.sampling.frequency == 499)
        #expect(configuration.windowSeconds == 30)
        #expect(configuration.host == "web-1")
        #expect(configuration.logLevel == .debug)
    }

    @Test(arguments: ["", "# nothing but a comment\n", "---\n"])
    func `an empty file changes nothing`(text: String) throws {
        var configuration = AgentConfiguration()
        try ConfigurationFile.apply(text, named: "agent.yaml", to: &configuration)
        #expect(configuration.listen == ListenAddress(host: "127.0.0.1", port: 4041))
    }

    @Test(arguments: [
        ("listen: here", 1, "listen"), ("\n\nfrequency: 0", 3, "frequency"),
        ("frequency: 1001", 1, "1000"), ("window: 0s", 1, "window"),
        ("retention: 1m", 1, "retention"), ("hourly-retention: 1m", 1, "hourly-retention"),
        ("recent-span: 59s", 1, "recent-span"),
        ("max-bytes: -5", 1, "max-bytes"), ("log-level: loud", 1, "trace"),
        ("allow-anonymous: maybe", 1, "true or false"), ("data-dir: ''", 1, "data-dir"),
        ("host: a\nlistne: b", 2, "listne"), ("host: {a: b}", 1, "single value"),
        ("host: a\nframes: 1\nhost: b", 3, "twice"), ("listen: [", 2, "YAML"),
        ("just text", 1, "key: value"),
    ])
    func `names the line of what it cannot use`(text: String, line: Int, word: String) {
        var configuration = AgentConfiguration()
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationFile.apply(text, named: "agent.yaml", to: &configuration)
        }
        #expect(error?.place == .init(file: "agent.yaml", line: line))
        #expect(error?.description.contains(word) == true, "\(String(describing: error))")
        #expect(error?.description.contains("\n") == false)
    }

    @Test func `refuses to show a machine to everybody unless told to`() throws {
        var configuration = AgentConfiguration()
        try configuration.set("listen", to: "0.0.0.0:4041")
        #expect(throws: ConfigurationError.self) { try configuration.validate() }
        try configuration.set("allow-anonymous", to: "true")
        try configuration.validate()
    }
}
