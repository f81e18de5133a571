import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import ProfileStore
import SwiftProtobuf
import Testing

/// One call of `querier.v1.QuerierService` on a surface over the fixture's store.
struct ServedCall {
    let response: TestResponse

    init(
        _ method: String, _ body: [UInt8], contentType: String? = "application/json",
        verb: HTTPRequest.Method = .post, headers: [String: String] = [:],
        store: (any ProfileStore)? = nil
    ) async throws {
        var fields = HTTPFields()
        fields[.contentType] = contentType
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        let sent = fields
        response = try await Fixture.application(store: store).test(.router) { client in
            try await client.execute(
                uri: "/querier.v1.QuerierService/" + method, method: verb, headers: sent,
                body: ByteBuffer(bytes: body))
        }
    }

    /// JSON both ways.
    init(
        _ method: String, json: String, headers: [String: String] = [:],
        store: (any ProfileStore)? = nil
    ) async throws {
        try await self.init(method, Array(json.utf8), headers: headers, store: store)
    }

    /// Protobuf both ways.
    static func answer<Output: Message>(
        _ method: String, _ input: some Message, store: (any ProfileStore)? = nil
    ) async throws -> Output {
        let call = try await ServedCall(
            method, input.serializedBytes(), contentType: "application/proto", store: store)
        try #require(call.response.status == .ok, "\(call.text)")
        #expect(call.response.headers[.contentType] == "application/proto")
        return try Output(serializedBytes: call.bytes)
    }

    var bytes: [UInt8] { Array(response.body.readableBytesView) }
    var text: String { String(buffer: response.body) }
}
