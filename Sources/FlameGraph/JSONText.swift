/// Writes JSON (RFC 8259) by hand: flame graphs are large, and plain.
package struct JSONText: Sendable {
    package private(set) var text = ""

    package init() {}

    /// Punctuation and keys that need no escaping.
    package mutating func raw(_ text: String) { self.text += text }

    package mutating func string(_ value: String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case let control where control.value < 0x20:
                let digits = String(control.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            // Legal in JSON, but line ends in JavaScript.
            case "\u{2028}": text += "\\u2028"
            case "\u{2029}": text += "\\u2029"
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    package mutating func array<T>(_ values: [T], _ element: (inout JSONText, T) -> Void) {
        text += "["
        for (index, value) in values.enumerated() {
            if index > 0 { text += "," }
            element(&self, value)
        }
        text += "]"
    }
}
