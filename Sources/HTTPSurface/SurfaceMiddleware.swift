import HTTPTypes
import Hummingbird
import Logging
import ProfileQuery
import ProfileStore

/// What holds for every answer: the guard before, one form for problems, and headers after.
struct SurfaceMiddleware: RouterMiddleware {
    typealias Context = BasicRequestContext

    let requestGuard: RequestGuard
    /// Every path that is served, to tell a wrong method from a wrong path.
    let paths: Set<String>

    func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            try requestGuard.check(request)
            response = try await next(request, context)
        } catch {
            response = problem(error, request, context.logger).response
        }
        for (name, value) in Self.headers where response.headers[name] == nil {
            response.headers[name] = value
        }
        return response
    }

    private static let headers: [(HTTPField.Name, String)] = [
        (
            .contentSecurityPolicy,
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        (.xContentTypeOptions, "nosniff"),
        (.referrerPolicy, "no-referrer"),
        (.crossOriginResourcePolicy, "same-origin"),
        (.crossOriginOpenerPolicy, "same-origin"),
        (.cacheControl, "no-store"),
    ]

    private func problem(_ error: any Error, _ request: Request, _ logger: Logger) -> HTTPProblem {
        switch error {
        case let problem as HTTPProblem:
            return problem
        case let error as HTTPError where error.status == .notFound:
            return unserved(request.uri.path, request.method.rawValue)
        case let error as QueryError where error.code == .invalid || error.code == .tooMuch:
            return .invalid(error.parameter, error.message)
        case let error as QueryError:
            return .unavailable(error.message)
        case let error as StoreError:
            return .unavailable(error.message)
        case is CancellationError:
            return .unavailable("this node is stopping")
        default:
            logger.error(
                "Could not answer a request",
                metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return .unavailable("this node could not answer: \(error)")
        }
    }

    private func unserved(_ path: String, _ method: String) -> HTTPProblem {
        if QuerierRoutes.paths.contains(path) { return .wrongMethod(method, allowed: "POST") }
        if path.hasPrefix(QuerierRoutes.service) { return .noSuchCall(path) }
        return paths.contains(path) ? .wrongMethod(method) : .noSuchPath(path)
    }
}

extension HTTPField.Name {
    static let secFetchSite = named("Sec-Fetch-Site")
    static let secFetchMode = named("Sec-Fetch-Mode")
    static let secFetchDest = named("Sec-Fetch-Dest")
    static let referrerPolicy = named("Referrer-Policy")
    static let crossOriginOpenerPolicy = named("Cross-Origin-Opener-Policy")

    static func named(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no token") }
        return name
    }
}
