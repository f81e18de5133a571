import ProfileModel
import ProfileQuery
import ProfileStore

/// What a request asks the query engine for: a selector and a range of time.
struct QueryRequest {
    /// As it was sent.
    let text: String
    let selector: Selector
    let range: TimeRange

    /// What the parameters of one side of a request are called.
    struct Names {
        let query: String
        let from: String
        let until: String

        static let single = Names(query: "query", from: "from", until: "until")
        static let left = Names(query: "leftQuery", from: "leftFrom", until: "leftUntil")
        static let right = Names(query: "rightQuery", from: "rightFrom", until: "rightUntil")
    }

    /// A data call: the selector must name a profile type, the range must not be 0…0.
    init(
        _ parameters: QueryParameters, _ names: Names = .single, dialect: QueryDialect = .current,
        engine: QueryEngine, now: Timestamp
    ) async throws {
        text = try dialect.text(parameters, names.query)
        range = try Self.range(parameters, names, now: now)
        selector = try await dialect.selector(text, parameter: names.query, engine)
        guard selector.type != nil else {
            throw HTTPProblem.invalid(
                names.query,
                "no profile type: write its id before the braces, like \(ProfileType.cpu.id){…}")
        }
    }

    /// `from` and `until`; the last hour by default.
    static func range(
        _ parameters: QueryParameters, _ names: Names = .single, now: Timestamp
    ) throws -> TimeRange {
        let range = try TimeExpression.range(
            from: parameters.string(names.from), until: parameters.string(names.until), now: now,
            names: (names.from, names.until))
        guard range.end.milliseconds > 0 else {
            throw HTTPProblem.invalid(names.until, "must lie after 1970")
        }
        return range
    }

    /// For calls about labels: nil, which means ever, when neither end is given or both are 0.
    static func labelRange(_ parameters: QueryParameters, now: Timestamp) throws -> TimeRange? {
        let ends = [parameters.string("from"), parameters.string("until")].compactMap { $0 }
        guard ends.contains(where: { $0 != "0" }) else { return nil }
        return try range(parameters, now: now)
    }

    /// For people: the values the selector demands.
    var title: String {
        let values = selector.matchers.filter { $0.operation == .equal }.map(\.value)
        return values.isEmpty ? "All applications" : values.joined(separator: ", ")
    }
}
