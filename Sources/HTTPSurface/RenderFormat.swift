/// How `/pyroscope/render` answers.
enum RenderFormat: String, CaseIterable {
    case json
    /// Folded: `root;…;leaf value`, one stack a line.
    case collapsed
    case pprof
    case svg
    /// A page that needs nothing else.
    case html
    /// The call graph, for Graphviz.
    case dot

    /// The `format` parameter; JSON when absent.
    init(_ parameters: QueryParameters) throws(HTTPProblem) {
        self = try parameters.choice("format", Self.allCases) ?? .json
    }
}
