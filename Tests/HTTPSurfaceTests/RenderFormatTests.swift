import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

/// What `/pyroscope/render` and 0.x' `/render` answer, beyond the plain document.
@Suite struct RenderFormatTests {
    private static let web = QueryFixture.cpu + #"{service_name="web"}"#
    private static let from = "\(QueryFixture.start - 10)"
    private static let until = "\(QueryFixture.start + 50)"

    private func document(
        _ path: String, _ more: KeyValuePairs<String, String>
    ) async throws -> [String: Any] {
        let fixture = try await QueryFixture()
        var uri = "\(path)?\(QueryFixture.range)"
        for (name, value) in more { uri += "&\(name)=\(QueryFixture.encoded(value))" }
        let asked = uri
        let response = try await Fixture.application(store: fixture.store).test(.router) { client in
            try await client.execute(uri: asked, method: .get)
        }
        #expect(response.status == .ok, "\(String(buffer: response.body))")
        return try QueryFixture.object(response)
    }

    private func text(_ path: String, format: String, nodes: String = "") async throws -> (
        TestResponse, String
    ) {
        let response = try await QueryFixture().get(
            path,
            [
                "query": Self.web, "from": Self.from, "until": Self.until, "format": format,
                "maxNodes": nodes,
            ])
        #expect(response.status == .ok)
        return (response, String(buffer: response.body))
    }

    // MARK: Formats

    @Test(arguments: ["/pyroscope/render", "/render"])
    func `html is a page in an origin of its own`(_ path: String) async throws {
        let (response, text) = try await text(path, format: "html")
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        #expect(text.hasPrefix("<!doctype html>") && text.contains("<bdi>web</bdi>"))
        let policy = try #require(response.headers[.contentSecurityPolicy])
        #expect(policy.contains("default-src 'none'"))
        #expect(policy.contains("sandbox allow-scripts allow-modals;"))
        #expect(!policy.contains("allow-same-origin"))
        #expect(!text.contains("http://") || text.contains("http://www.w3.org/2000/svg"))
        #expect(!text.contains("src=") && !text.contains("href="))
    }

    @Test(arguments: ["/pyroscope/render", "/render"])
    func `dot is plain text, and empty where there is nothing`(_ path: String) async throws {
        let (response, dot) = try await text(path, format: "dot")
        #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
        #expect(dot.hasPrefix("digraph") && dot.contains("parse"))
        let empty = try await QueryFixture().get(
            path, ["query": Self.web, "from": "1", "until": "2", "format": "dot"])
        #expect(empty.status == .ok && empty.body.readableBytes == 0)
    }

    @Test func `collapsed and pprof are cut only when that is asked for`() async throws {
        let whole = try await text("/render", format: "collapsed").1
        #expect(
            whole == "main;handle;parse 700\nmain;handle;send 300\nmain;idle 50\n")
        let cut = try await text("/render", format: "collapsed", nodes: "4").1
        #expect(cut == "main;handle;other 300\nmain;handle;parse 700\nmain;other 50\n")
        let sizes = (
            try await text("/render", format: "pprof").0.body.readableBytes,
            try await text("/render", format: "pprof", nodes: "2").0.body.readableBytes
        )
        #expect(sizes.1 < sizes.0)
    }

    @Test(arguments: ["/pyroscope/render", "/render"])
    func `an unknown format is refused with the list of known ones`(_ path: String) async throws {
        let response = try await QueryFixture().get(path, ["query": Self.web, "format": "xml"])
        #expect(response.status == .badRequest)
        let message = try QueryFixture.object(response)["message"] as? String
        #expect(message == "\"xml\" is none of json, collapsed, pprof, svg, html, dot")
    }

    // MARK: Time lines

    private func samples(_ any: Any?) throws -> [Int] {
        let line = try #require(any as? [String: Any])
        #expect(line["durationDelta"] as? Int == 15)
        return try #require(line["samples"] as? [Int]).filter { $0 > 0 }
    }

    @Test func `groups have a time line per value, and one for those without`() async throws {
        let query = QueryFixture.cpu + "{}"
        let document = try await document(
            "/pyroscope/render", ["query": query, "groupBy": "zone"])
        let groups = try #require(document["groups"] as? [String: Any])
        #expect(Set(groups.keys) == ["a", "b", "*"])
        #expect(try samples(groups["a"]) == [900, 100])
        #expect(try samples(groups["b"]) == [50])
        #expect(try samples(groups["*"]) == [50])
        #expect(try samples(document["timeline"]) == [950, 100, 50])
    }

    @Test func `avg divides by the number of windows`() async throws {
        let document = try await document(
            "/pyroscope/render", ["query": QueryFixture.cpu + "{}", "aggregation": "avg"])
        #expect(try samples(document["timeline"]) == [475, 100, 50])
    }

    @Test func `an unknown aggregation is refused`() async throws {
        let response = try await QueryFixture().get(
            "/pyroscope/render", ["query": Self.web, "aggregation": "max"])
        #expect(response.status == .badRequest)
    }

    // MARK: Pyroscope 0.x

    @Test(arguments: [
        ("query", "web.cpu{zone=\"a\"}", 1000), ("name", "web.cpu", 1050), ("query", "web", 1050),
        ("query", "web.alloc_space{}", 4096), ("query", "web.cpu{zone=~\"a|b\",zone!=\"a\"}", 50),
        ("query", QueryFixture.cpu + "{service_name=\"db\"}", 50), ("query", "nothing", 0),
    ])
    func `the old route knows applications by name`(
        _ parameter: String, _ query: String, _ ticks: Int
    ) async throws {
        let fixture = try await QueryFixture()
        let response = try await fixture.get(
            "/render",
            [parameter: query, "from": Self.from, "until": Self.until, "max-nodes": "99"])
        let document = try QueryFixture.object(response)
        let graph = try #require(document["flamebearer"] as? [String: Any])
        #expect(graph["numTicks"] as? Int == ticks)
        let metadata = try #require(document["metadata"] as? [String: Any])
        #expect(metadata["appName"] as? String == String(query.prefix { $0 != "{" }))
        #expect(metadata["query"] as? String == query)
        #expect(metadata["startTime"] as? Int64 == QueryFixture.start - 10)
        #expect(metadata["endTime"] as? Int64 == QueryFixture.start + 50)
        #expect(metadata["maxNodes"] as? Int == 99)
    }

    @Test func `the new route takes profile types alone, and adds nothing`() async throws {
        let response = try await QueryFixture().get("/pyroscope/render", ["query": "web.cpu{}"])
        #expect(response.status == .badRequest)
        let named = try await QueryFixture().get("/pyroscope/render", ["name": "web.cpu"])
        #expect(named.status == .badRequest)
        let document = try await document("/pyroscope/render", ["query": Self.web])
        let metadata = try #require(document["metadata"] as? [String: Any])
        #expect(
            Set(metadata.keys) == ["format", "spyName", "sampleRate", "units", "name"])
    }

    @Test func `applications are listed by the names the old route knows`() async throws {
        let response = try await QueryFixture().get("/api/apps", [:])
        #expect(
            String(buffer: response.body)
                == #"[{"name":"db.cpu"},{"name":"web.alloc_space"},{"name":"web.cpu"}]"#)
    }

    @Test func `labels of one application, by its old name`() async throws {
        let fixture = try await QueryFixture()
        let values = try await fixture.get(
            "/label-values", ["label": "zone", "query": "web.cpu{}"])
        #expect(String(buffer: values.body) == #"["a","b"]"#)
        let names = try await fixture.get("/labels", ["query": "db.cpu"])
        #expect(String(buffer: names.body) == #"["service_name"]"#)
    }
}
