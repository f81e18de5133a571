import Foundation
import HTTPSurface
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import ProfileStore
import Synchronization
import Testing

@Suite struct RouteTests {
    private func get(
        _ uri: String, node: FakeNode = FakeNode(), method: HTTPRequest.Method = .get
    ) async throws -> TestResponse {
        try await Fixture.application(node: node).test(.router) { client in
            try await client.execute(uri: uri, method: method)
        }
    }

    private func object(_ response: TestResponse) throws -> [String: Any] {
        let any = try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
        return try #require(any as? [String: Any])
    }

    private func list(_ response: TestResponse) throws -> [String] {
        try JSONDecoder().decode([String].self, from: Data(response.body.readableBytesView))
    }

    // MARK: Flame graphs

    @Test(arguments: ["/pyroscope/render", "/render"])
    func `render gives Pyroscope's document`(_ path: String) async throws {
        let response = try await get("\(path)?query=\(Fixture.query)&\(Fixture.range)")
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "application/json")
        let document = try object(response)
        #expect(document["version"] as? Int == 1)
        #expect(document["groups"] is NSNull)
        let metadata = try #require(document["metadata"] as? [String: Any])
        #expect(metadata["format"] as? String == "single")
        #expect(metadata["units"] as? String == "samples")
        #expect(metadata["sampleRate"] as? Int == 1_000_000_000)
        let graph = try #require(document["flamebearer"] as? [String: Any])
        #expect(graph["numTicks"] as? Int == 1000)
        #expect(graph["maxSelf"] as? Int == 600)
        let names = try #require(graph["names"] as? [String])
        #expect(names.first == "total")
        #expect(names.contains("handle \"request\""))
        let levels = try #require(graph["levels"] as? [[Int]])
        #expect(levels[0] == [0, 1000, 0, 0])
        #expect(levels.count == 4)
    }

    @Test func `render says what kind of frame a name is, and of which module`() async throws {
        let document = try object(
            try await get("/pyroscope/render?query=\(Fixture.query)&\(Fixture.range)"))
        let graph = try #require(document["flamebearer"] as? [String: Any])
        let names = try #require(graph["names"] as? [String])
        let kinds = try #require(graph["kinds"] as? [Int])
        let frames = try #require(document["frames"] as? [String: Any])
        let modules = try #require(frames["modules"] as? [Int])
        let moduleNames = try #require(frames["moduleNames"] as? [String])
        #expect(kinds.count == names.count && modules.count == names.count)
        let kernel = try #require(names.firstIndex(of: "vfs_read"))
        #expect(kinds[kernel] == 1)
        #expect(moduleNames[modules[kernel]] == "vmlinux")
        let cut = try #require(names.firstIndex { $0.hasPrefix("[cut: ") })
        #expect(kinds[cut] == 4)
    }

    @Test func `render has a time line of the same range`() async throws {
        let document = try object(
            try await get("/pyroscope/render?query=\(Fixture.query)&\(Fixture.range)"))
        let timeline = try #require(document["timeline"] as? [String: Any])
        let samples = try #require(timeline["samples"] as? [Int])
        #expect(samples.reduce(0, +) == 1000)
        #expect(timeline["durationDelta"] as? Int == 15)
        #expect(timeline["startTime"] as? Int == 1_699_999_980)
        #expect(timeline["watermarks"] is NSNull)
    }

    @Test func `an empty answer is the one-node graph`() async throws {
        let document = try object(
            try await get(
                "/pyroscope/render?query=\(Fixture.query)&from=1600000000&until=1600000100"))
        let graph = try #require(document["flamebearer"] as? [String: Any])
        #expect(graph["levels"] as? [[Int]] == [[0, 0, 0, 0]])
        #expect(graph["names"] as? [String] == ["total"])
    }

    @Test(arguments: ["maxNodes", "max-nodes"])
    func `render keeps to a limit on nodes`(_ parameter: String) async throws {
        let response = try await get(
            "/pyroscope/render?query=\(Fixture.query)&\(Fixture.range)&\(parameter)=2")
        let graph = try #require(try object(response)["flamebearer"] as? [String: Any])
        #expect(graph["numTicks"] as? Int == 1000)
        let nodes = try #require(graph["levels"] as? [[Int]]).reduce(0) { $0 + $1.count / 4 }
        #expect(nodes < 7)
    }

    @Test func `collapsed is root first, in the type's unit, without a total frame`() async throws {
        let response = try await get(
            "/pyroscope/render?query=\(Fixture.query)&\(Fixture.range)&format=collapsed")
        #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
        let lines = Set(String(buffer: response.body).split(separator: "\n").map(String.init))
        #expect(lines.count == 3)
        #expect(lines.contains("main;handle \"request\" 600"))
    }

    @Test func `pprof is compressed and saved as a file`() async throws {
        let response = try await get(
            "/pyroscope/render?query=\(Fixture.query)&\(Fixture.range)&format=pprof")
        #expect(Array(response.body.readableBytesView.prefix(2)) == [0x1f, 0x8b])
        #expect(response.headers[.contentType] == "application/octet-stream")
        #expect(response.headers[.contentDisposition]?.contains("profile.pb.gz") == true)
    }

    @Test func `svg is an image in an origin of its own`() async throws {
        let response = try await get(
            "/pyroscope/render?query=\(Fixture.query)&\(Fixture.range)&format=svg")
        #expect(response.headers[.contentType] == "image/svg+xml")
        #expect(String(buffer: response.body).contains("<svg"))
        let policy = try #require(response.headers[.contentSecurityPolicy])
        #expect(policy.contains("sandbox allow-scripts allow-modals;"))
        #expect(!policy.contains("allow-same-origin"))
    }

    @Test(arguments: [
        ("gzip", true), ("br, GZIP;q=0.5", true), ("gzip;q=0", false), ("gzip; q=0.0", false),
        ("br", false), ("identity", false),
    ])
    func `a large answer is compressed for who takes that`(_ accept: String, _ isCompressed: Bool)
        async throws
    {
        let response = try await Fixture.application().test(.router) { client in
            try await client.execute(
                uri: "/render?query=\(Fixture.query)&\(Fixture.range)&format=svg", method: .get,
                headers: [.acceptEncoding: accept])
        }
        #expect((response.headers[.contentEncoding] == "gzip") == isCompressed)
        #expect(response.headers[.vary] == "Accept-Encoding")
        let isGzip = Array(response.body.readableBytesView.prefix(2)) == [0x1f, 0x8b]
        #expect(isGzip == isCompressed)
    }

    // MARK: Labels and applications

    @Test(arguments: ["/pyroscope/label-values", "/label-values"])
    func `label values are a sorted list`(_ path: String) async throws {
        #expect(try list(try await get("\(path)?label=service_name")) == ["nginx"])
        #expect(
            try list(try await get("\(path)?label=__name__"))
                == ["process_cpu:cpu:nanoseconds:cpu:nanoseconds"])
        #expect(try list(try await get("\(path)?label=nothing")) == [])
        #expect(try list(try await get("\(path)?label=comm&query=\(Fixture.query)")) == ["nginx"])
    }

    @Test(arguments: ["", "?from=0&until=0"])
    func `label names are a sorted list`(_ query: String) async throws {
        #expect(try list(try await get("/labels\(query)")) == ["comm", "service_name"])
    }

    @Test func `services have CPU per step of whole windows`() async throws {
        let response = try await get("/api/v1/services?\(Fixture.range)")
        let document = try object(response)
        #expect(document["step"] as? Int == 10)
        #expect(document["from"] as? Int == 1_699_999_990_000)
        let services = try #require(document["services"] as? [[String: Any]])
        #expect(services.count == 1)
        #expect(services[0]["service_name"] as? String == "nginx")
        #expect(services[0]["cpu_nanoseconds"] as? Int == 1000)
        #expect(services[0]["values"] as? [Int] == [0, 1000, 0, 0])
    }

    // MARK: Live profiles

    @Test func `a live profile is collected for the seconds asked`() async throws {
        let node = FakeNode()
        let response = try await get(
            "/debug/pprof/profile?seconds=3&query=%7Bservice_name%3D%22a%22%7D", node: node)
        #expect(response.status == .ok)
        #expect(Array(response.body.readableBytesView.prefix(2)) == [0x1f, 0x8b])
        let collected = node.collected.withLock { $0 }
        #expect(collected.count == 1)
        #expect(collected.first?.seconds == 3)
        #expect(collected.first?.matchers.map(\.value) == ["a"])
        _ = try await get("/debug/pprof/profile", node: node)
        #expect(node.collected.withLock { $0.last?.seconds } == 30)
    }

    @Test func `asking for the head of a live profile samples nothing`() async throws {
        let node = FakeNode()
        let response = try await get("/debug/pprof/profile", node: node, method: .head)
        #expect(response.status == .ok)
        #expect(node.collected.withLock { $0.isEmpty })
    }

    @Test func `the index of live profiles is a small page`() async throws {
        for path in ["/debug/pprof/", "/debug/pprof"] {
            let response = try await get(path)
            #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        }
    }

    // MARK: The node

    @Test func `processes are listed, the busiest first`() async throws {
        let document = try object(try await get("/api/v1/processes"))
        let processes = try #require(document["processes"] as? [[String: Any]])
        #expect(processes.map { $0["tgid"] as? Int } == [42, 7])
        #expect(processes[0]["service_name"] as? String == "nginx")
        #expect(processes[0]["whole_share"] as? Double == 0.75)
        let reasons = try #require(processes[0]["stop_reasons"] as? [[String: Any]])
        #expect(reasons[0]["reason"] as? String == "no-frame-pointer")
    }

    @Test func `status has the ledger, with units in its names`() async throws {
        let document = try object(try await get("/api/v1/status"))
        let ledger = try #require(document["ledger"] as? [String: Any])
        #expect(ledger["fired"] as? Int == 1000)
        #expect(ledger["missed_estimate"] as? Int == 3)
        let sampling = try #require(document["sampling"] as? [String: Any])
        #expect(sampling["frequency_hertz"] as? Int == 97)
    }

    @Test func `ready follows the node, alive does not`() async throws {
        let node = FakeNode()
        #expect(try await get("/ready", node: node).status == .ok)
        node.readinessNow.withLock { $0 = .notReady("the disk is full") }
        let response = try await get("/ready", node: node)
        #expect(response.status == .serviceUnavailable)
        #expect(try object(response)["message"] as? String == "the disk is full")
        #expect(try await get("/healthz", node: node).status == .ok)
    }

    @Test func `metrics are Prometheus' text, escaped`() async throws {
        let response = try await get("/metrics")
        #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            String(buffer: response.body) == #"""
                # HELP hearth_samples_lost_total Samples lost, by reason.\nTwo lines \\.
                # TYPE hearth_samples_lost_total counter
                hearth_samples_lost_total{reason="a \"quoted\"\\\nreason"} 10
                hearth_samples_lost_total 0.5
                # HELP hearth_series Series.
                # TYPE hearth_series gauge
                hearth_series 18446744073

                """#)
    }

    // MARK: The page

    @Test func `assets have entity tags and are not sent twice`() async throws {
        for path in ["/", "/main.js", "/page.css", "/icon.svg"] {
            let first = try await get(path)
            #expect(first.status == .ok)
            let tag = try #require(first.headers[.eTag])
            #expect(first.headers[.cacheControl] == "no-cache")
            for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                let second = try await Fixture.application().test(.router) { client in
                    try await client.execute(
                        uri: path, method: .get, headers: [.ifNoneMatch: known])
                }
                #expect(second.status == .notModified)
                #expect(second.body.readableBytes == 0)
                #expect(second.headers[.eTag] == tag)
            }
        }
    }

    @Test(arguments: ["/", "/metrics", "/nothing", "/pyroscope/render", "/api/v1/status"])
    func `every answer has the security headers and no CORS`(_ path: String) async throws {
        let response = try await get(path)
        let policy = try #require(response.headers[.contentSecurityPolicy])
        #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
        #expect(!policy.contains("unsafe"))
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
        #expect(response.headers[.cacheControl] != nil)
        #expect(response.headers[.accessControlAllowOrigin] == nil)
    }

    @Test(arguments: ["/", "/metrics", "/api/v1/status", "/debug/pprof/", "/labels"])
    func `HEAD is GET without a body`(_ path: String) async throws {
        let response = try await get(path, method: .head)
        #expect(response.status == .ok)
        #expect(response.body.readableBytes == 0)
    }
}
