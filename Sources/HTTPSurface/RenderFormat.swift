/// How `/pyroscope/render` answers.
enum RenderFormat: String, CaseIterable {
    case json
    /// Folded: `root;…;leaf value`, one stack a line.
    case collapsed
    case pprof
    case svg

    /// The `format` parameter; JSON when absent.
    init(_ parameters: QueryParameters) throws(HTTPProblem) {
        guard let text = parameters.string("format") else {
            self = .json
            return
        }
        guard let format = Self(rawValue: text) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid("format", "\(quoted(text)) is none of \(known)")
        }
        self = format
    }
}
