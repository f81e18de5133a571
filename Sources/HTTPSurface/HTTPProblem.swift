import Foundation
import HTTPTypes
import Hummingbird

/// What a client is told when a request cannot be answered: which parameter, and why.
struct HTTPProblem: Error, HTTPResponseError, Equatable {
    let status: HTTPResponse.Status
    /// One of Connect's error codes, as Pyroscope's clients know them.
    let code: String
    /// One sentence.
    let message: String
    /// The parameter that is to blame.
    let parameter: String?
    /// The methods that are served, when another was used.
    private let allowed: String?

    private init(
        _ status: HTTPResponse.Status, code: String, _ message: String, parameter: String? = nil,
        allowed: String? = nil
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.parameter = parameter
        self.allowed = allowed
    }

    static func invalid(_ parameter: String?, _ message: String) -> Self {
        Self(.badRequest, code: "invalid_argument", message, parameter: parameter)
    }

    static func tooLong(_ message: String) -> Self {
        Self(.uriTooLong, code: "invalid_argument", message)
    }

    static func noSuchPath(_ path: String) -> Self {
        Self(.notFound, code: "not_found", "nothing is served at \(path)")
    }

    /// A call's path without such a call, which Connect's clients know as `unimplemented`.
    static func noSuchCall(_ path: String) -> Self {
        Self(.notFound, code: "unimplemented", "there is no call \(path)")
    }

    /// `allowed`: as the `Allow` header lists them.
    static func wrongMethod(_ method: String, allowed: String = "GET, HEAD") -> Self {
        Self(
            .methodNotAllowed, code: "unimplemented",
            "\(method) is not served here, only \(allowed)", allowed: allowed)
    }

    static func misdirected(_ message: String) -> Self {
        Self(.misdirectedRequest, code: "permission_denied", message)
    }

    static func forbidden(_ message: String) -> Self {
        Self(.forbidden, code: "permission_denied", message)
    }

    static func busy(_ message: String) -> Self {
        Self(.tooManyRequests, code: "resource_exhausted", message)
    }

    static func unavailable(_ message: String) -> Self {
        Self(.serviceUnavailable, code: "unavailable", message)
    }

    func response(from request: Request, context: some RequestContext) -> Response {
        response
    }

    /// The problem as `{"code", "message", "parameter"}`.
    var response: Response {
        struct Body: Encodable {
            let code: String
            let message: String
            let parameter: String?
        }
        let body = Body(code: code, message: message, parameter: parameter)
        var response = Response.json(body, status: status)
        if let allowed { response.headers[.allow] = allowed }
        if status == .serviceUnavailable || status == .tooManyRequests {
            response.headers[.retryAfter] = "5"
        }
        return response
    }
}
