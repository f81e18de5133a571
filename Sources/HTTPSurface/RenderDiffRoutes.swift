import FlameGraph
import Hummingbird
import ProfileModel
import ProfileQuery

/// Two selections of one profile type over each other, as a flame graph.
struct RenderDiffRoutes {
    let engine: QueryEngine
    let clock: @Sendable () -> Timestamp

    static let path = "/pyroscope/render-diff"
    static let oldPath = "/render-diff"
    static let paths = [path, oldPath]

    private enum Format: String, CaseIterable {
        case json
        case html
    }

    func add(to router: some RouterMethods<BasicRequestContext>) {
        router.query(Self.path) { request in
            try await respond(to: request, .current)
        }
        router.query(Self.oldPath) { request in
            try await respond(to: request, .old)
        }
    }

    private func respond(to request: Request, _ dialect: QueryDialect) async throws -> Response {
        let parameters = try QueryParameters(request)
        let format = try parameters.choice("format", Format.allCases) ?? .json
        let nodes = try RenderRoutes.nodes(parameters)
        let now = clock()
        let left = try await side(.left, of: parameters, dialect, now)
        let right = try await side(.right, of: parameters, dialect, now)
        guard left.selector.type == right.selector.type else {
            throw HTTPProblem.invalid(
                "rightQuery", "the profile type is not that of leftQuery: they cannot be compared")
        }
        let before = try await engine.merge(left.selector, range: left.range)
        let after = try await engine.merge(right.selector, range: right.range)
        switch format {
        case .json:
            let document = FlamebearerDiffDocument(
                left: before, right: after,
                maximumNodes: nodes > 0 ? nodes : RenderRoutes.defaultNodes)
            return .large(document.json, contentType: "application/json", for: request)
        case .html:
            let title =
                left.title == right.title ? left.title : "\(left.title) → \(right.title)"
            return .picture(
                FlameGraphHTML.text(
                    left: before, right: after, title: title,
                    maximumNodes: nodes > 0 ? nodes : FlameGraphHTML.defaultNodes),
                contentType: "text/html; charset=utf-8", for: request)
        }
    }

    private func side(
        _ names: QueryRequest.Names, of parameters: QueryParameters, _ dialect: QueryDialect,
        _ now: Timestamp
    ) async throws -> QueryRequest {
        let side = try await QueryRequest(
            parameters, names, dialect: dialect, engine: engine, now: now)
        guard side.selector.type != nil else {
            throw HTTPProblem.invalid(
                names.query,
                "no profile type: write its id before the braces, like \(ProfileType.cpu.id){…}")
        }
        return side
    }
}
