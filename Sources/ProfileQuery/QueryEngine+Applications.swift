package import ProfileModel
import ProfileStore

extension QueryEngine {
    /// Applications as Pyroscope 0.x named them, `service.suffix` per profile type, sorted. A name
    /// can be asked for with `selector(application:)`, unless it holds a brace or several colons.
    package func applications(range: TimeRange? = nil) async throws(QueryError) -> [String] {
        try await limited {
            let keys = try await store.series([], in: range)
            return Set(
                keys.compactMap { key in
                    key.labels[LabelSet.serviceName].map {
                        ApplicationName.name(service: $0, key.type)
                    }
                }
            ).sorted()
        }
    }

    /// A query as Pyroscope 0.x wrote it (FlameQL): `app.cpu{name="value"}`; a selector that begins
    /// with a profile type's id is taken as it is.
    ///
    /// What is stored decides between types of one suffix, and whether the suffix is one at all:
    /// `my.app` is the service of that name, and CPU is meant. Throws `.invalid` naming `parameter`.
    package func selector(
        application text: String, parameter: String = "query"
    ) async throws(QueryError) -> Selector {
        let brace = text.firstIndex(of: "{") ?? text.endIndex
        let name = Self.trimmed(text[..<brace])
        // A service may have one colon in its name, as host:port; a profile type's id has four.
        if name.isEmpty || name.count(where: { $0 == ":" }) > 1 {
            return try Selector(text, parameter: parameter)
        }
        let conditions =
            brace == text.endIndex
            ? [] : try Selector(String(text[brace...]), parameter: parameter).matchers
        let meanings = ApplicationName.meanings(of: name)
        return try await limited {
            for meaning in meanings {
                let matcher = LabelMatcher(LabelSet.serviceName, .equal, meaning.service)
                let types = Set(try await store.series([matcher], in: nil).map(\.type))
                let fitting = types.filter(meaning.fits).sorted { $0.id < $1.id }
                guard let first = fitting.first else { continue }
                let type = fitting.contains(meaning.type) ? meaning.type : first
                return Selector(type: type, matchers: [matcher] + conditions)
            }
            let matcher = LabelMatcher(LabelSet.serviceName, .equal, meanings[0].service)
            return Selector(type: meanings[0].type, matchers: [matcher] + conditions)
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text.drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
