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
        var seen: Set<String> = []
        for (keyNode, value) in mapping {
            let key = keyNode.string ?? ""
            let place = ConfigurationError.Place(file: file, line: keyNode.mark?.line ?? 1)
            guard seen.insert(key).inserted else {
                throw ConfigurationError(key: key, message: "said twice", place: place)
            }
            guard let text = Self.text(of: value) else {
                throw ConfigurationError(
                    key: key, message: "a single value or a list of values is needed", place: place)
            }
            try configuration.set(key, to: text, at: place)
        }
    }

    private static func compose(_ text: String, named file: String) throws(ConfigurationError) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw ConfigurationError(
                key: "", message: "not valid YAML: \(error)",
                place: .init(file: file, line: line(of: error)))
        } catch {
            throw ConfigurationError(
                key: "", message: "not valid YAML: \(error)", place: .init(file: file, line: 1))
        }
    }

    private static func line(of error: YamlError) -> Int {
        switch error {
        case .reader(_, _, _, _), .writer, .emitter, .representer, .memory, .no, .dataCouldNotBeDecoded:
            1
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
            mark.line
        case .duplicatedKeysInMapping(_, let context):
            context.mark.line
        }
    }

    private static func text(of value: Node) -> String? {
        if let scalar = value.scalar { return scalar.string }
        guard let sequence = value.sequence else { return nil }
        let items = sequence.compactMap { $0.scalar?.string }
        return items.count == sequence.count ? items.joined(separator: ",") : nil
    }
}
