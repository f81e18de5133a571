import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Pprof
import ProfileStore
import PyroscopeAPI
import SwiftProtobuf
import Testing

@testable import HTTPSurface

/// A call that the caller did wrong.
struct BadCall: CustomTestStringConvertible {
    let method: String
    let body: [UInt8]
    let contentType: String?
    let headers: [String: String]
    let status: Int
    let code: String

    init(
        _ status: Int, _ method: String = "ProfileTypes", _ body: String = "{}",
        contentType: String? = "application/json", headers: [String: String] = [:],
        code: String = "invalid_argument"
    ) {
        self.method = method
        self.body = Array(body.utf8)
        self.contentType = contentType
        self.headers = headers
        self.status = status
        self.code = code
    }

    var testDescription: String {
        "\(method) \(String(decoding: body, as: UTF8.self).prefix(80)) \(contentType ?? "") \(headers)"
    }

    private static let type = #""profile_typeID":"process_cpu:cpu:nanoseconds:cpu:nanoseconds""#
    private static let time = #""start":1699999990000,"end":1700000020000"#
    private static let profile = #"\#(type),"label_selector":"{}",\#(time)"#

    static let protocolFaults = [
        BadCall(400, "ProfileTypes", ""),
        BadCall(400, "ProfileTypes", " \n"),
        BadCall(400, "ProfileTypes", "{"),
        BadCall(400, "ProfileTypes", "[]"),
        BadCall(400, "ProfileTypes", "null"),
        BadCall(400, "ProfileTypes", #"{"start":"tomorrow"}"#),
        BadCall(400, "ProfileTypes", "\u{8}", contentType: "application/proto"),
        BadCall(415, contentType: nil),
        BadCall(415, contentType: "text/plain"),
        BadCall(415, contentType: "application/json; charset=latin1"),
        BadCall(415, contentType: "application/grpc+proto"),
        BadCall(415, contentType: "application/x-www-form-urlencoded"),
        BadCall(415, headers: ["Content-Encoding": "br"], code: "unimplemented"),
        BadCall(400, headers: ["Content-Encoding": "gzip"]),
        BadCall(400, headers: ["Connect-Timeout-Ms": "soon"]),
        BadCall(400, headers: ["Connect-Timeout-Ms": "-1"]),
        BadCall(400, headers: ["Connect-Timeout-Ms": "12345678901"]),
        BadCall(504, headers: ["Connect-Timeout-Ms": "0"], code: "deadline_exceeded"),
        BadCall(413, "ProfileTypes", String(repeating: " ", count: 1 << 20 + 1)),
        BadCall(404, "Nope", code: "unimplemented"),
        BadCall(403, headers: ["Origin": "http://evil.example"], code: "permission_denied"),
        BadCall(403, headers: ["Sec-Fetch-Site": "cross-site"], code: "permission_denied"),
    ]

    static let questions = [
        BadCall(400, "ProfileTypes", #"{"start":2,"end":1}"#),
        BadCall(400, "LabelNames", #"{"matchers":["{"]}"#),
        BadCall(400, "LabelNames", #"{"start":2,"end":1}"#),
        BadCall(400, "LabelValues", "{}"),
        BadCall(400, "LabelValues", #"{"name":"a","matchers":["{a=~\"(\"}"]}"#),
        BadCall(400, "Series", #"{"matchers":["x y"]}"#),
        BadCall(400, "AnalyzeQuery", #"{"query":""}"#),
        BadCall(400, "SelectMergeStacktraces", "{}"),
        BadCall(400, "SelectMergeStacktraces", "{\(type)}"),
        BadCall(400, "SelectMergeStacktraces", #"{\#(type),"start":2,"end":1}"#),
        BadCall(400, "SelectMergeStacktraces", #"{"profile_typeID":"cpu",\#(time)}"#),
        BadCall(400, "SelectMergeStacktraces", #"{\#(type),\#(time),"label_selector":"{a}"}"#),
        BadCall(400, "SelectMergeStacktraces", #"{\#(profile),"max_nodes":-1}"#),
        BadCall(400, "SelectMergeStacktraces", #"{\#(profile),"max_nodes":1048577}"#),
        BadCall(400, "SelectMergeStacktraces", #"{\#(profile),"format":9}"#),
        BadCall(400, "SelectMergeStacktraces", #"{\#(profile),"span_selector":["xyz"]}"#),
        BadCall(400, "SelectMergeStacktraces", #"{\#(profile),"profile_id_selector":["1"]}"#),
        BadCall(
            400, "SelectMergeStacktraces",
            #"{\#(profile),"span_selector":["0123456789abcdef"],"trace_id_selector":["0123456789abcdef0123456789abcdef"]}"#
        ),
        BadCall(
            400, "SelectMergeSpanProfile", #"{\#(profile),"format":"PROFILE_FORMAT_DOT"}"#),
        BadCall(400, "SelectMergeSpanProfile", #"{\#(profile),"max_nodes":-1}"#),
        BadCall(400, "SelectMergeProfile", #"{\#(type),"start":0,"end":0}"#),
        BadCall(400, "SelectSeries", "{\(profile)}"),
        BadCall(400, "SelectSeries", #"{\#(profile),"step":0.0004}"#),
        BadCall(400, "SelectSeries", #"{\#(profile),"step":"NaN"}"#),
        BadCall(400, "SelectSeries", #"{\#(profile),"step":"Infinity"}"#),
        BadCall(400, "SelectSeries", #"{\#(profile),"step":-15}"#),
        BadCall(400, "SelectSeries", #"{\#(profile),"step":0.001}"#),
        BadCall(400, "SelectHeatmap", "{\(profile)}"),
        BadCall(400, "Diff", "{}"),
        BadCall(400, "Diff", #"{"left":{\#(profile)}}"#),
        BadCall(
            400, "Diff",
            #"{"left":{\#(profile)},"right":{"profile_typeID":"memory:alloc_space:bytes::",\#(time)}}"#
        ),
    ]
}

@Suite struct ConnectTests {
    private struct Problem: Decodable {
        let code: String
        let message: String
    }

    @Test(arguments: BadCall.protocolFaults + BadCall.questions)
    func `says what is wrong with a call, in JSON and with Connect's code`(
        _ call: BadCall
    ) async throws {
        let served = try await ServedCall(
            call.method, call.body, contentType: call.contentType, headers: call.headers)
        #expect(served.response.status.code == call.status)
        #expect(served.response.headers[.contentType] == "application/json")
        let problem = try JSONDecoder().decode(Problem.self, from: Data(served.bytes))
        #expect(problem.code == call.code)
        #expect(problem.message.count > 10)
    }

    @Test(arguments: QuerierRoutes.paths.sorted())
    func `every call is POST only`(_ path: String) async throws {
        let method = String(path.dropFirst(QuerierRoutes.service.count))
        let posted = try await ServedCall(method, json: "{}")
        #expect([200, 400].contains(posted.response.status.code))
        for verb in [HTTPRequest.Method.get, .head, .put, .delete, .options] {
            let other = try await ServedCall(method, [], verb: verb)
            #expect(other.response.status == .methodNotAllowed)
            #expect(other.response.headers[.allow] == "POST")
        }
    }

    @Test func `every code has the status Connect gives it`() {
        let expected: [ConnectCode: Int] = [
            .canceled: 499, .unknown: 500, .invalidArgument: 400, .deadlineExceeded: 504,
            .notFound: 404, .alreadyExists: 409, .permissionDenied: 403, .resourceExhausted: 429,
            .failedPrecondition: 400, .aborted: 409, .outOfRange: 400, .unimplemented: 501,
            .internal: 500, .unavailable: 503, .dataLoss: 500, .unauthenticated: 401,
        ]
        #expect(expected.count == ConnectCode.allCases.count)
        for code in ConnectCode.allCases { #expect(code.status.code == expected[code]) }
    }

    @Test func `JSON takes both styles of names in one body, and numbers as strings`() async throws
    {
        let served = try await ServedCall(
            "SelectMergeStacktraces",
            json: #"""
                {"profileTypeID": "process_cpu:cpu:nanoseconds:cpu:nanoseconds",
                 "label_selector": "{service_name=\"nginx\"}", "start": "1699999990000",
                 "end": 1700000020000, "maxNodes": 100, "somethingNew": {"a": [1]},
                 "stackTraceSelector": {"call_site": [{"name": "main"}]}}
                """#)
        #expect(served.response.status == .ok)
        let any = try JSONSerialization.jsonObject(with: Data(served.bytes))
        let graph = try #require((any as? [String: Any])?["flamegraph"] as? [String: Any])
        #expect(graph["total"] as? String == "900")
        #expect(graph["maxSelf"] as? String == "600")
        let levels = try #require(graph["levels"] as? [[String: [String]]])
        #expect(levels[0]["values"] == ["0", "900", "0", "0"])
    }

    @Test(arguments: ["application/json", "application/json; charset=utf-8", "Application/Proto"])
    func `answers as it was asked, with what the content type may carry`(
        _ type: String
    ) async throws {
        let isJSON = type.contains("json")
        let served = try await ServedCall(
            "ProfileTypes", Array((isJSON ? "{}" : "").utf8), contentType: type)
        #expect(served.response.status == .ok)
        #expect(
            served.response.headers[.contentType]
                == (isJSON ? "application/json" : "application/proto"))
    }

    @Test func `reads and writes gzip`() async throws {
        let question = Array(#"{"labelNames":["service_name"]}"#.utf8)
        let packed = try Gzip.compress(question)
        let served = try await ServedCall("Series", packed, headers: ["Content-Encoding": "gzip"])
        #expect(
            served.text == #"{"labelsSet":[{"labels":[{"name":"service_name","value":"nginx"}]}]}"#)

        let store = try await Fixture.store()
        try await store.write(Fixture.batch(services: 100))
        for (accepted, isPacked) in [("gzip", true), ("br, gzip;q=0.5", true), ("br", false)] {
            let large = try await ServedCall(
                "Series", json: "{}", headers: ["Accept-Encoding": accepted], store: store)
            #expect(large.response.headers[.contentEncoding] == (isPacked ? "gzip" : nil))
            let plain = isPacked ? try Gzip.decompress(large.bytes, limit: 1 << 20) : large.bytes
            #expect(try Querier_V1_SeriesResponse(jsonUTF8Bytes: plain).labelsSet.count == 101)
        }
    }

    @Test func `does not unpack what becomes too large`() async throws {
        let bomb = try Gzip.compress([UInt8](repeating: 0x20, count: 8 << 20))
        let served = try await ServedCall("Series", bomb, headers: ["Content-Encoding": "gzip"])
        #expect(served.response.status == .contentTooLarge)
    }

    @Test func `a store that is closed is unavailable`() async throws {
        let store = try await Fixture.store()
        await store.close()
        let served = try await ServedCall("ProfileTypes", json: "{}", store: store)
        #expect(served.response.status == .serviceUnavailable)
        #expect(served.text.contains(#""code":"unavailable""#))
        #expect(served.response.headers[.retryAfter] != nil)
    }

    @Test func `a deadline that is kept changes nothing`() async throws {
        let served = try await ServedCall(
            "ProfileTypes", json: "{}",
            headers: ["Connect-Timeout-Ms": "60000", "Connect-Protocol-Version": "1"])
        #expect(served.response.status == .ok)
    }
}
