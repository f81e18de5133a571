/// `name=value`, identifying where samples came from.
package struct Label: Hashable, Comparable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.name, left.value) < (right.name, right.value)
    }
}

/// Labels sorted by name, each name once: a series' identity.
package struct LabelSet: Hashable, Sendable {
    package let labels: [Label]

    /// Sorts. Of labels with one name the last wins; a label with an empty value is left out, since
    /// Prometheus' selectors treat it as absent.
    package init(_ labels: some Sequence<Label>) {
        var byName: [String: String] = [:]
        for label in labels { byName[label.name] = label.value }
        self.labels = byName.filter { !$0.value.isEmpty }.map { Label($0.key, $0.value) }.sorted()
    }

    /// The value of `name`, nil when absent.
    package subscript(_ name: String) -> String? {
        labels.first { $0.name == name }?.value
    }

    /// The application's name: every series of ours has it.
    package static let serviceName = "service_name"
}

extension LabelSet: CustomStringConvertible {
    /// `{a="b", c="d"}`, values escaped as Prometheus does.
    package var description: String {
        "{" + labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ", ")
            + "}"
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }
}
