import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

/// `/pyroscope/render-diff` and 0.x' `/render-diff`.
@Suite struct RenderDiffTests {
    private static let web = QueryFixture.cpu + #"{service_name="web"}"#
    private static let database = QueryFixture.cpu + #"{service_name="db"}"#
    private static let from = "\(QueryFixture.start - 10)"
    private static let until = "\(QueryFixture.start + 50)"

    private func answer(
        _ path: String, left: String = web, right: String = database, format: String = "",
        nodes: String = ""
    ) async throws -> TestResponse {
        try await QueryFixture().get(
            path,
            [
                "leftQuery": left, "leftFrom": Self.from, "leftUntil": Self.until,
                "rightQuery": right, "rightFrom": "\(QueryFixture.start)000",
                "rightUntil": Self.until, "format": format, "max-nodes": nodes,
            ])
    }

    @Test(arguments: ["/pyroscope/render-diff", "/render-diff"])
    func `gives both sides over each other`(_ path: String) async throws {
        let response = try await answer(path)
        #expect(response.headers[.contentType] == "application/json")
        let document = try QueryFixture.object(response)
        #expect(document["leftTicks"] as? Int == 1050)
        #expect(document["rightTicks"] as? Int == 50)
        let metadata = try #require(document["metadata"] as? [String: Any])
        #expect(metadata["format"] as? String == "double")
        #expect(metadata["units"] as? String == "samples")
        let graph = try #require(document["flamebearer"] as? [String: Any])
        #expect(graph["numTicks"] as? Int == 1100)
        #expect(graph["maxSelf"] as? Int == 700)
        let levels = try #require(graph["levels"] as? [[Int]])
        #expect(levels[0] == [0, 1050, 0, 0, 50, 0, 0])
        #expect(levels.allSatisfy { $0.count.isMultiple(of: 7) })
        #expect(levels.reduce(0) { $0 + $1.count / 7 } == 7)
    }

    @Test func `keeps to a limit on nodes, and to both sums`() async throws {
        let document = try QueryFixture.object(
            try await answer("/pyroscope/render-diff", nodes: "3"))
        let graph = try #require(document["flamebearer"] as? [String: Any])
        let levels = try #require(graph["levels"] as? [[Int]])
        let own = levels.joined().enumerated().filter { $0.offset % 7 == 2 }.map(\.element)
        #expect(own.reduce(0, +) == 1050)
        #expect((graph["names"] as? [String])?.contains("other") == true)
    }

    @Test(arguments: ["/pyroscope/render-diff", "/render-diff"])
    func `html is a page in an origin of its own`(_ path: String) async throws {
        let response = try await answer(path, format: "html")
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        #expect(response.headers[.contentSecurityPolicy]?.contains("sandbox allow-scripts") == true)
        #expect(String(buffer: response.body).contains("<bdi>web → db</bdi>"))
    }

    @Test(arguments: [
        (web, QueryFixture.space + "{}", "", "rightQuery"), ("", web, "", "leftQuery"),
        (web, "", "", "rightQuery"), (web, "{}", "", "rightQuery"),
        ("nonsense{", web, "", "leftQuery"),
        (web, web, "svg", "format"),
    ])
    func `says which side is wrong`(
        _ left: String, _ right: String, _ format: String, _ parameter: String
    ) async throws {
        let response = try await answer(
            "/pyroscope/render-diff", left: left, right: right, format: format)
        #expect(response.status == .badRequest)
        #expect(try QueryFixture.object(response)["parameter"] as? String == parameter)
    }

    @Test func `the old route compares two times of one application`() async throws {
        let response = try await QueryFixture().get(
            "/render-diff",
            [
                "query": "web.cpu{}", "leftFrom": Self.from,
                "leftUntil": "\(QueryFixture.start + 1)",
                "rightFrom": "\(QueryFixture.start + 15)", "rightUntil": Self.until,
            ])
        let document = try QueryFixture.object(response)
        #expect(document["leftTicks"] as? Int == 900)
        #expect(document["rightTicks"] as? Int == 150)
    }

    @Test func `ranges are each side's own, and named when they are wrong`() async throws {
        let response = try await QueryFixture().get(
            "/pyroscope/render-diff",
            [
                "leftQuery": Self.web, "rightQuery": Self.web, "rightFrom": Self.until,
                "rightUntil": Self.from,
            ])
        #expect(response.status == .badRequest)
        #expect(try QueryFixture.object(response)["parameter"] as? String == "rightFrom")
    }
}
