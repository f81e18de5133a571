/// Text inside HTML and XML, in elements and in attributes.
enum MarkupText {
    /// Escaped, whatever it holds. Characters that would turn the direction of what stands around it
    /// show as `?`, as do those that XML does not have.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            // XML 1.0 has no other control characters, not even escaped.
            case let control where control.value < 0x20 || (0x7f...0x9f).contains(control.value):
                result += "?"
            case "\u{fffe}", "\u{ffff}": result += "?"
            case "\u{200e}"..."\u{200f}", "\u{202a}"..."\u{202e}", "\u{2066}"..."\u{2069}",
                "\u{61c}":
                result += "?"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// JSON to put into a page's `<script>`, which no text in it can end: `<` stands in strings only.
    static func harmless(_ json: String) -> String {
        var result = ""
        for scalar in json.unicodeScalars {
            if scalar == "<" { result += "\\u003c" } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }
}
