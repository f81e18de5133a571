import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import ProfileStore
import Synchronization
import Testing

/// A request that is the client's fault: its address, the answer's status, and the parameter named.
struct BadRequest: CustomTestStringConvertible {
    let uri: String
    let status: HTTPResponse.Status
    let parameter: String?

    init(_ uri: String, _ parameter: String?, _ status: HTTPResponse.Status = .badRequest) {
        self.uri = uri
        self.status = status
        self.parameter = parameter
    }

    var testDescription: String { String(uri.prefix(120)) }

    static let all: [BadRequest] = {
        let render = "/pyroscope/render?query=\(Fixture.query)"
        let type = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"
        return [
            BadRequest("/pyroscope/render", "query"),
            BadRequest("/render?from=now-1h", "query"),
            BadRequest("/pyroscope/render?query=", "query"),
            BadRequest("/pyroscope/render?query=%7B%7D", "query"),
            BadRequest("/pyroscope/render?query=cpu%7B%7D", "query"),
            BadRequest("/pyroscope/render?query=\(type)%7Bservice_name%3Dx%7D", "query"),
            BadRequest("/pyroscope/render?query=\(type)%7Bservice_name%3D%22x%22", "query"),
            BadRequest("/pyroscope/render?query=\(type)%7Ba%3D~%22(%22%7D", "query"),
            BadRequest("/pyroscope/render?query=%ff%fe", "query"),
            BadRequest("/pyroscope/render?query=%zz", "query"),
            BadRequest("/pyroscope/render?query=%", "query"),
            BadRequest("\(render)&from=yesterday", "from"),
            BadRequest("\(render)&from=now-5parsecs", "from"),
            BadRequest("\(render)&from=99999999999999999999999", "from"),
            BadRequest("\(render)&until=soon", "until"),
            BadRequest("\(render)&from=now&until=now-1h", "from"),
            BadRequest("\(render)&from=0&until=0", "until"),
            BadRequest("\(render)&format=xml", "format"),
            BadRequest("\(render)&maxNodes=many", "maxNodes"),
            BadRequest("\(render)&maxNodes=-1", "maxNodes"),
            BadRequest("\(render)&max-nodes=9999999999999999999999", "max-nodes"),
            BadRequest("\(render)&max-nodes=1048577", "max-nodes"),
            BadRequest("/pyroscope/label-values", "label"),
            BadRequest("/label-values?label=", "label"),
            BadRequest("/label-values?label=a&query=%7B", "query"),
            BadRequest("/label-values?label=a&from=then", "from"),
            BadRequest("/labels?until=never", "until"),
            BadRequest("/api/v1/services?from=now&until=now-1h", "from"),
            BadRequest("/api/v1/services?from=x", "from"),
            BadRequest("/debug/pprof/profile?seconds=0", "seconds"),
            BadRequest("/debug/pprof/profile?seconds=301", "seconds"),
            BadRequest("/debug/pprof/profile?seconds=1.5", "seconds"),
            BadRequest("/debug/pprof/profile?seconds=-3", "seconds"),
            BadRequest("/debug/pprof/profile?query=nonsense", "query"),
            BadRequest("/debug/pprof/profile?query=memory:alloc_space:bytes::%7B%7D", "query"),
            BadRequest("/labels?" + String(repeating: "a=b&", count: 65), nil),
            BadRequest("/labels?%ff=1", nil),
            BadRequest("/labels?a=" + String(repeating: "x", count: 8_192), nil, .uriTooLong),
            BadRequest("/nothing", nil, .notFound),
            BadRequest("/pyroscope", nil, .notFound),
            BadRequest("/../etc/passwd", nil, .notFound),
            BadRequest("/%2e%2e/etc/passwd", nil, .notFound),
        ]
    }()
}

@Suite struct BadRequestTests {
    private struct Problem: Decodable {
        let code: String
        let message: String
        let parameter: String?
    }

    @Test(arguments: BadRequest.all)
    func `says which parameter is wrong and why`(_ request: BadRequest) async throws {
        let node = FakeNode()
        let response = try await Fixture.application(node: node).test(.router) { client in
            try await client.execute(uri: request.uri, method: .get)
        }
        #expect(response.status == request.status)
        #expect(response.headers[.contentType] == "application/json")
        let problem = try JSONDecoder().decode(
            Problem.self, from: Data(response.body.readableBytesView))
        #expect(problem.parameter == request.parameter)
        #expect(problem.message.count > 10)
        #expect(problem.code == (request.status == .notFound ? "not_found" : "invalid_argument"))
        #expect(node.collected.withLock { $0.isEmpty })
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .delete, .patch, .options])
    func `other methods are refused by name`(_ method: HTTPRequest.Method) async throws {
        for path in ["/", "/pyroscope/render", "/metrics", "/debug/pprof/profile"] {
            let response = try await Fixture.application().test(.router) { client in
                try await client.execute(uri: path, method: method)
            }
            #expect(response.status == .methodNotAllowed)
            #expect(response.headers[.allow] == "GET, HEAD")
        }
    }

    @Test func `a store that fails is 503 with its words`() async throws {
        let store = try await Fixture.store()
        await store.close()
        let response = try await Fixture.application(store: store).test(.router) { client in
            try await client.execute(
                uri: "/pyroscope/render?query=\(Fixture.query)&\(Fixture.range)", method: .get)
        }
        #expect(response.status == .serviceUnavailable)
        let problem = try JSONDecoder().decode(
            Problem.self, from: Data(response.body.readableBytesView))
        #expect(problem.code == "unavailable")
    }

    @Test func `a collection that fails is 503 with its words`() async throws {
        struct NoSampler: Error, CustomStringConvertible {
            let description = "no sampler runs"
        }
        let node = FakeNode()
        node.collectError.withLock { $0 = NoSampler() }
        let response = try await Fixture.application(node: node).test(.router) { client in
            try await client.execute(uri: "/debug/pprof/profile?seconds=1", method: .get)
        }
        #expect(response.status == .serviceUnavailable)
        #expect(String(buffer: response.body).contains("no sampler runs"))
    }
}
