import ProfileModel
import ProfileQuery

/// Which Pyroscope a route speaks.
enum QueryDialect {
    /// Pyroscope 1 and 2: a profile type's id and a selector.
    case current
    /// Pyroscope 0.x: also `app.cpu{…}`, under `query` or `name`.
    case old

    /// The parameter `name`, or where the old dialect had it else.
    func text(_ parameters: QueryParameters, _ name: String) throws(HTTPProblem) -> String {
        if self == .old, let text = parameters.string(name, "query", "name") { return text }
        return try parameters.required(
            name,
            "a profile type and a selector, like \(ProfileType.cpu.id){service_name=\"nginx\"}")
    }

    func selector(
        _ text: String, parameter: String, _ engine: QueryEngine
    ) async throws(QueryError) -> Selector {
        switch self {
        case .current: try Selector(text, parameter: parameter)
        case .old: try await engine.selector(application: text, parameter: parameter)
        }
    }
}
