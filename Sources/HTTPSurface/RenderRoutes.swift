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

    static let paths = ["/pyroscope/render", "/render"]
    /// Pyroscope's bounds on `maxNodes`; 0 asks for the default.
    static let defaultNodes = 8_192
    static let mostNodes = 1_048_576

    func add(to router: Router<BasicRequestContext>) {
        for path in Self.paths {
            router.get(RouterPath(path)) { request, _ in try await respond(to: request) }
        }
    }

    private func respond(to request: Request) async throws -> Response {
        let parameters = try QueryParameters(request)
        let query = try QueryRequest(parameters, now: clock())
        let format = try RenderFormat(parameters)
        let nodes = try parameters.integer("maxNodes", "max-nodes", in: 0...Self.mostNodes) ?? 0
        let profile = try await engine.merge(query.selector, range: query.range)
        switch format {
        case .json:
            let timeline = try await engine.timeline(query.selector, range: query.range)
            let document = FlamebearerDocument(
                profile, maximumNodes: nodes > 0 ? nodes : Self.defaultNodes,
                timeline: FlamebearerDocument.Timeline(
                    startTime: timeline.start.milliseconds / 1000, samples: timeline.values,
                    durationDelta: timeline.stepSeconds))
            return .large(document.json, contentType: "application/json", for: request)
        case .collapsed:
            return .large(
                FoldedStacks.text(profile), contentType: "text/plain; charset=utf-8", for: request)
        case .pprof:
            return .file(try PprofEncoder.encode(profile), filename: "profile.pb.gz")
        case .svg:
            return Self.image(profile, Self.title(query.selector), for: request)
        }
    }

    /// Style and script of the image are in itself, so it gets an origin of its own (`sandbox`),
    /// from which it can read nothing.
    private static func image(
        _ profile: MergedProfile, _ title: String, for request: Request
    ) -> Response {
        var response = Response.large(
            FlameGraphSVG.text(profile, title: title), contentType: "image/svg+xml", for: request)
        response.headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
            + "sandbox allow-scripts allow-modals; frame-ancestors 'none'"
        return response
    }

    private static func title(_ selector: Selector) -> String {
        let values = selector.matchers.filter { $0.operation == .equal }.map(\.value)
        return values.isEmpty ? "All applications" : values.joined(separator: ", ")
    }
}
