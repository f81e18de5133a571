import ProfileModel
import ProfileQuery

/// What a request asks the query engine for: a selector and a range of time.
struct QueryRequest {
    let selector: Selector
    let range: TimeRange

    /// A data call: the selector must name a profile type, the range must not be 0…0.
    init(_ parameters: QueryParameters, now: Timestamp) throws {
        let text = try parameters.required(
            "query",
            "a profile type and a selector, like \(ProfileType.cpu.id){service_name=\"nginx\"}")
        selector = try Selector(text)
        range = try Self.range(parameters, now: now)
    }

    /// `from` and `until`; the last hour by default.
    static func range(_ parameters: QueryParameters, now: Timestamp) throws -> TimeRange {
        let range = try TimeExpression.range(
            from: parameters.string("from"), until: parameters.string("until"), now: now)
        guard range.end.milliseconds > 0 else {
            throw HTTPProblem.invalid("until", "must lie after 1970")
        }
        return range
    }

    /// For calls about labels: nil, which means ever, when neither end is given or both are 0.
    static func labelRange(_ parameters: QueryParameters, now: Timestamp) throws -> TimeRange? {
        let ends = [parameters.string("from"), parameters.string("until")].compactMap { $0 }
        guard ends.contains(where: { $0 != "0" }) else { return nil }
        return try range(parameters, now: now)
    }
}
