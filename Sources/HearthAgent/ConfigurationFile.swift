import Yams

/// Reads the agent's YAML. Strict: an unknown key, a key twice or a bad value is an error that
/// names its line, since a setting that is silently ignored is worse than none.
package enum ConfigurationFile {
    /// Applies the text of `file` to `configuration`. An empty document changes nothing.
    package static func apply(
        _ text: String, named file: String, to configuration: inout AgentConfiguration
    ) throws(ConfigurationError) {
        guard let root = try compose(text, named: file), root.scalar?.string != "" else { return }
        guard let mapping = root.mapping else {
            throw ConfigurationError(
                key: "", message: "the file must consist of `key: value` lines",
                place: .init(file: file, line: root.mark?.line ?? 1))
        }
        for (keyNode, value) in mapping {
            let key = keyNode.string ?? ""
            let place = ConfigurationError.Place(file: file, line: keyNode.mark?.line ?? 1)
            guard let text = Self.text(of: value) else {
                throw ConfigurationError(
                    key: key, message: "a single value or a list of values is needed", place: place)
            }
            try configuration.set(key, to: text, at: place)
        }
    }

    private static func compose(_ text: String, named file: String) throws(ConfigurationError)
        -> Node?
    {
        do {
            return try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw problem(error, in: text, file)
        } catch {
            throw ConfigurationError(
                key: "", message: "not valid YAML: \(error)", place: .init(file: file, line: 1))
        }
    }

    /// The parser's error in one line, at the line it means.
    private static func problem(
        _ error: YamlError, in text: String, _ file: String
    ) -> ConfigurationError {
        func invalid(_ reason: String, line: Int) -> ConfigurationError {
            ConfigurationError(
                key: "", message: "not valid YAML: \(reason)",
                place: .init(file: file, line: max(1, line)))
        }
        switch error {
        case .scanner(_, let reason, let mark, _), .parser(_, let reason, let mark, _),
            .composer(_, let reason, let mark, _):
            return invalid(reason, line: mark.line)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let key = duplicates.first ?? ""
            // It only says where the mapping begins: the second line of that key is the wrong one.
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let places = lines.indices.filter { lines[$0].hasPrefix("\(key):") }
            let line = places.dropFirst().first.map { $0 + 1 } ?? context.mark.line
            return ConfigurationError(
                key: key, message: "said twice", place: .init(file: file, line: line))
        case .reader, .writer, .emitter, .representer, .memory, .no, .dataCouldNotBeDecoded:
            return invalid(
                "\(error)".split(separator: "\n").joined(separator: " "), line: 1)
        }
    }

    private static func text(of value: Node) -> String? {
        if let scalar = value.scalar { return scalar.string }
        guard let sequence = value.sequence else { return nil }
        let items = sequence.compactMap { $0.scalar?.string }
        return items.count == sequence.count ? items.joined(separator: ",") : nil
    }
}
