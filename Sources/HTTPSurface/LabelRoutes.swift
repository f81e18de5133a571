import Hummingbird
import ProfileModel
import ProfileQuery

/// Label names and values, as sorted JSON arrays of strings, and applications as 0.x listed them.
struct LabelRoutes {
    let engine: QueryEngine
    let clock: @Sendable () -> Timestamp

    static let path = "/pyroscope/label-values"
    static let oldPath = "/label-values"
    static let namePath = "/labels"
    static let applicationPath = "/api/apps"
    static let paths = [path, oldPath, namePath, applicationPath]

    private struct Application: Encodable {
        let name: String
    }

    func add(to router: some RouterMethods<BasicRequestContext>) {
        router.query(Self.path) { request in
            try await values(request, .current)
        }
        router.query(Self.oldPath) { request in
            try await values(request, .old)
        }
        router.query(Self.namePath) { request in
            let parameters = try QueryParameters(request)
            let range = try QueryRequest.labelRange(parameters, now: clock())
            let selector = try await selector(parameters, .old)
            return Response.json(try await engine.labelNames(selector, range: range))
        }
        router.query(Self.applicationPath) { request in
            let range = try QueryRequest.labelRange(try QueryParameters(request), now: clock())
            let names = try await engine.applications(range: range)
            return Response.json(names.map { Application(name: $0) })
        }
    }

    private func values(_ request: Request, _ dialect: QueryDialect) async throws -> Response {
        let parameters = try QueryParameters(request)
        let label = try parameters.required("label", "the label whose values are wanted")
        let range = try QueryRequest.labelRange(parameters, now: clock())
        let selector = try await selector(parameters, dialect)
        return Response.json(try await engine.labelValues(label, selector, range: range))
    }

    /// Not with the range in a tuple: Swift 6.3's optimiser crashes on such an async function.
    private func selector(
        _ parameters: QueryParameters, _ dialect: QueryDialect
    ) async throws -> Selector? {
        guard let text = parameters.string("query") else { return nil }
        return try await dialect.selector(text, parameter: "query", engine)
    }
}
