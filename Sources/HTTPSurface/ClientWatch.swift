import Hummingbird
import HummingbirdCore
import ProfileQuery

/// Cancels what a client no longer waits for: when its side of the connection closes, the query stops.
///
/// Whoever listens for that reads on from the connection, which can then serve no further request. So
/// it begins only after a while: quick answers keep their connection, and what is cancelled is what
/// costs.
struct ClientWatch {
    /// How long a query runs unwatched.
    var patience = Duration.milliseconds(200)

    /// The answer, or `QueryError.Code.cancelled`.
    ///
    /// - Parameter request: as it came; if its body has been read, with an empty one in its place, for
    ///   hummingbird traps on a connection that closes when it has not seen a body's end before.
    func answer(
        _ request: Request, _ query: @escaping @Sendable () async throws -> Response
    ) async throws -> Response {
        let (body, patience) = (request.body, patience)
        return try await withThrowingTaskGroup(of: Response?.self) { tasks in
            defer { tasks.cancelAll() }
            tasks.addTask { try await query() }
            tasks.addTask {
                try await Task.sleep(for: patience)
                try await Self.waitForClose(of: body)
                return nil
            }
            guard let answer = try await tasks.next() ?? nil else {
                throw QueryError(.cancelled, "the client went away")
            }
            return answer
        }
    }

    private static func waitForClose(of body: RequestBody) async throws {
        let (open, closing) = AsyncStream<Never>.makeStream()
        try await body.consumeWithInboundCloseHandler { _ in
            for await _ in open {}
        } onInboundClosed: {
            closing.finish()
        }
    }
}

extension RouterMethods<BasicRequestContext> {
    /// A route whose answer costs: it is given up when the client goes away.
    func query(_ path: String, _ answer: @escaping @Sendable (Request) async throws -> Response) {
        get(RouterPath(path)) { request, _ in
            try await ClientWatch().answer(request) { try await answer(request) }
        }
    }
}
