import HTTPTypes
import Hummingbird
import ProfileQuery
import ProfileStore

/// Why a call has no answer, as Connect's clients are told: `{"code", "message"}`, always JSON.
struct ConnectError: Error, Hashable {
    let code: ConnectCode
    /// One sentence.
    let message: String
    /// The code's own, unless HTTP has a better word for what is wrong with the request.
    let status: HTTPResponse.Status

    init(_ code: ConnectCode, _ message: String, status: HTTPResponse.Status? = nil) {
        self.code = code
        self.message = message
        self.status = status ?? code.status
    }

    static func invalid(_ message: String) -> Self { Self(.invalidArgument, message) }

    /// What an error of the layers below means to the caller. A query that asks for more than a limit
    /// allows is `invalid_argument`, not `resource_exhausted`: trying again later would not help.
    init(_ error: any Error) {
        switch error {
        case let error as ConnectError: self = error
        case let error as QueryError: self.init(Self.code(of: error), error.description)
        case let error as StoreError: self.init(Self.code(of: QueryError(error)), error.message)
        case is CancellationError: self.init(.canceled, "the call was given up")
        default: self.init(.internal, "this node could not answer: \(error)")
        }
    }

    private static func code(of error: QueryError) -> ConnectCode {
        switch error.code {
        case .invalid, .tooMuch: .invalidArgument
        case .cancelled: .canceled
        case .unavailable: .unavailable
        case .failed: .internal
        }
    }

    var response: Response {
        struct Body: Encodable {
            let code: String
            let message: String
        }
        var response = Response.json(
            Body(code: code.rawValue, message: message), status: status)
        switch status {
        case .serviceUnavailable: response.headers[.retryAfter] = "5"
        case .unsupportedMediaType: response.headers[.acceptEncoding] = "gzip"
        default: break
        }
        return response
    }
}
