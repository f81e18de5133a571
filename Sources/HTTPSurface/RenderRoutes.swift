import FlameGraph
import HTTPTypes
import Hummingbird
import Pprof
import ProfileModel
import ProfileQuery
import ProfileStore

/// One selector over one range as a flame graph, in several formats: Pyroscope's plain HTTP.
struct RenderRoutes {
    let engine: QueryEngine
    let clock: @Sendable () -> Timestamp

    static let path = "/pyroscope/render"
    static let oldPath = "/render"
    static let paths = [path, oldPath]
    /// Pyroscope's bounds on `maxNodes`; 0 asks for the default.
    static let defaultNodes = 8_192
    static let defaultDotNodes = 100
    static let mostNodes = 1_048_576

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
        let format = try RenderFormat(parameters)
        let nodes = try Self.nodes(parameters)
        let lines = try TimelineWish(parameters)
        let query = try await QueryRequest(
            parameters, dialect: dialect, engine: engine, now: clock())
        let profile = try await engine.merge(
            query.selector, range: query.range, source: lines.source)
        switch format {
        case .json:
            let nodes = nodes > 0 ? nodes : Self.defaultNodes
            let document = FlamebearerDocument(
                profile, maximumNodes: nodes, timeline: try await lines.timeline(query, engine),
                groups: try await lines.groups(query, engine),
                query: dialect == .old ? Self.description(of: query, nodes: nodes) : nil)
            return .large(document.json, contentType: "application/json", for: request)
        case .collapsed:
            return .large(
                FoldedStacks.text(profile.truncated(to: nodes)),
                contentType: "text/plain; charset=utf-8", for: request)
        case .pprof:
            return .file(
                try PprofEncoder.encode(profile.truncated(to: nodes)), filename: "profile.pb.gz")
        case .svg:
            return .picture(
                FlameGraphSVG.text(profile, title: query.title), contentType: "image/svg+xml",
                for: request)
        case .html:
            return .picture(
                FlameGraphHTML.text(
                    profile, title: query.title,
                    maximumNodes: nodes > 0 ? nodes : FlameGraphHTML.defaultNodes),
                contentType: "text/html; charset=utf-8", for: request)
        case .dot:
            return .large(
                DotGraph.text(profile, maximumNodes: nodes > 0 ? nodes : Self.defaultDotNodes),
                contentType: "text/plain; charset=utf-8", for: request)
        }
    }

    /// 0 when nothing is asked for.
    static func nodes(_ parameters: QueryParameters) throws(HTTPProblem) -> Int {
        try parameters.integer("maxNodes", "max-nodes", in: 0...mostNodes) ?? 0
    }

    private static func description(
        of query: QueryRequest, nodes: Int
    ) -> FlamebearerDocument.Query {
        FlamebearerDocument.Query(
            application: String(query.text.prefix { $0 != "{" }), text: query.text,
            startTime: query.range.start.milliseconds / 1000,
            endTime: query.range.end.milliseconds / 1000, maximumNodes: nodes)
    }
}

extension Response {
    /// A picture or page that carries style and script in itself. It gets an origin of its own
    /// (`sandbox`), from which it can read nothing.
    static func picture(_ text: String, contentType: String, for request: Request) -> Response {
        var response = Response.large(text, contentType: contentType, for: request)
        response.headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
            + "sandbox allow-scripts allow-modals; frame-ancestors 'none'"
        return response
    }
}
