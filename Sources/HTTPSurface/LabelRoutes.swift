import Hummingbird
import ProfileModel
import ProfileQuery

/// Label names and values, as sorted JSON arrays of strings.
struct LabelRoutes {
    let engine: QueryEngine
    let clock: @Sendable () -> Timestamp

    static let valuePaths = ["/pyroscope/label-values", "/label-values"]
    static let namePath = "/labels"
    static let paths = valuePaths + [namePath]

    func add(to router: Router<BasicRequestContext>) {
        for path in Self.valuePaths {
            router.get(RouterPath(path)) { request, _ in
                let parameters = try QueryParameters(request)
                let label = try parameters.required("label", "the label whose values are wanted")
                let (selector, range) = try scope(parameters)
                return Response.json(
                    try await engine.labelValues(label, selector, range: range))
            }
        }
        router.get(RouterPath(Self.namePath)) { request, _ in
            let (selector, range) = try scope(try QueryParameters(request))
            return Response.json(try await engine.labelNames(selector, range: range))
        }
    }

    private func scope(_ parameters: QueryParameters) throws -> (Selector?, TimeRange?) {
        let selector = try parameters.string("query").map { try Selector($0) }
        return (selector, try QueryRequest.labelRange(parameters, now: clock()))
    }
}
