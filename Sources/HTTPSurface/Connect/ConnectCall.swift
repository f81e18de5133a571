import HTTPTypes
import Hummingbird
import Logging
import SwiftProtobuf

/// One unary call over Connect's protocol: POST, one message there and one back. The protocol's version
/// header is not asked for, since not all clients send it.
struct ConnectCall: Sendable {
    let codec: ConnectCodec
    /// Whether the client can do with label names other than `[a-zA-Z_][a-zA-Z0-9_]*`, by a parameter
    /// of Pyroscope's in `Accept`.
    let takesAnyLabelName: Bool
    private let request: Request

    init(_ request: Request) throws(ConnectError) {
        codec = try ConnectCodec(contentType: request.headers[.contentType])
        try ConnectBody.check(request.headers)
        let accepted = (request.headers[.accept] ?? "").lowercased().split { ";,".contains($0) }
        takesAnyLabelName = accepted.contains {
            $0.filter { $0 != " " && $0 != "\"" } == "allow-utf8-labelnames=true"
        }
        self.request = request
    }

    /// Reads the message, has it answered, and writes the answer as the client wants it. A client that
    /// hangs up, or whose deadline passes, ends the work.
    func respond<Input: Message>(
        _ answer: @escaping @Sendable (Input, ConnectCall) async throws -> any ConnectReply
    ) async throws -> Response {
        let deadline = try ConnectDeadline(request.headers)
        let bytes = try await ConnectBody.read(request.body, request.headers)
        let input = try codec.decode(bytes, as: Input.self)
        var watched = request
        watched.body = RequestBody(buffer: ByteBuffer())
        return try await ClientWatch().answer(watched) {
            let work: @Sendable () async throws -> Response = {
                let bytes = try await answer(input, self).encoded(by: codec)
                return .large(bytes, contentType: codec.rawValue, for: request)
            }
            return if let deadline { try await deadline.run(work) } else { try await work() }
        }
    }
}

extension Router<BasicRequestContext> {
    /// Serves a method whose answer is a message.
    func unary<Input: Message, Output: Message>(
        _ path: String, _ answer: @escaping @Sendable (Input, ConnectCall) async throws -> Output
    ) {
        call(path) { input, call in MessageReply(message: try await answer(input, call)) }
    }

    /// Serves a method that writes its answer by itself.
    func call<Input: Message>(
        _ path: String,
        _ answer: @escaping @Sendable (Input, ConnectCall) async throws -> any ConnectReply
    ) {
        post(RouterPath(path)) { request, context in
            let start = ContinuousClock.now
            var response: Response
            do {
                response = try await ConnectCall(request).respond(answer)
            } catch {
                let problem = ConnectError(error)
                if problem.code == .internal {
                    context.logger.error(
                        "Could not answer a call",
                        metadata: ["path": "\(path)", "error": "\(problem.message)"])
                }
                response = problem.response
            }
            // Such a call was watched, which leaves a connection that takes no further request. Clients
            // do not send a POST again by themselves, so they are told.
            if ContinuousClock.now - start >= ClientWatch().patience {
                response.headers[.connection] = "close"
            }
            return response
        }
    }
}
