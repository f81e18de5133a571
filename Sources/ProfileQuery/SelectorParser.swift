import ProfileModel
import ProfileStore

/// Reads selectors: the grammar of Prometheus' vector selectors, names in quotes included, with a
/// profile type's id where a metric's name stands.
struct SelectorParser {
    private let scalars: [Unicode.Scalar]
    private let parameter: String
    private var position = 0

    init(_ text: String, parameter: String) {
        scalars = Array(text.unicodeScalars)
        self.parameter = parameter
    }

    mutating func parse() throws(QueryError) -> Selector {
        skipSpace()
        var type: ProfileType?
        let start = position
        let id = take { $0 != "{" && !$0.properties.isWhitespace }
        if !id.isEmpty { type = try parseType(id, at: start) }
        skipSpace()
        var matchers: [LabelMatcher] = []
        if next == "{" {
            position += 1
            try parseConditions(&matchers, &type)
        } else if type == nil {
            throw expected("a profile type id or {")
        }
        skipSpace()
        guard next == nil else { throw expected("the end") }
        return Selector(type: type ?? Self.typeNamed(in: matchers), matchers: matchers)
    }

    /// The type that `{__profile_type__="…"}` demands.
    private static func typeNamed(in matchers: [LabelMatcher]) -> ProfileType? {
        let named = matchers.first { $0.name == "__profile_type__" && $0.operation == .equal }
        return named.flatMap { ProfileType(id: $0.value) }
    }

    private func parseType(_ id: String, at start: Int) throws(QueryError) -> ProfileType {
        var parts = id.split(separator: ":", omittingEmptySubsequences: false)
        // Pyroscope's clients may add a sixth part, which says nothing any more.
        if parts.count == 6, parts.last == "delta" { parts.removeLast() }
        guard let type = ProfileType(id: parts.joined(separator: ":")) else {
            throw QueryError(
                .invalid,
                "at character \(start + 1): \"\(id)\" is no profile type; expected five parts like \(ProfileType.cpu.id)",
                parameter: parameter)
        }
        return type
    }

    // MARK: Conditions

    private mutating func parseConditions(
        _ matchers: inout [LabelMatcher], _ type: inout ProfileType?
    ) throws(QueryError) {
        while true {
            skipSpace()
            if next == "}" {
                position += 1
                return
            }
            let start = position
            let (name, isQuoted) = try parseName()
            skipSpace()
            if isQuoted, next == "," || next == "}" {
                guard type == nil else { throw expected("an operator (=, !=, =~ or !~)") }
                type = try parseType(name, at: start)
            } else {
                let operation = try parseOperation()
                skipSpace()
                matchers.append(LabelMatcher(name, operation, try parseString("a quoted value")))
            }
            skipSpace()
            guard next == "," || next == "}" else { throw expected(", or }") }
            if next == "," { position += 1 }
        }
    }

    private mutating func parseName() throws(QueryError) -> (name: String, isQuoted: Bool) {
        if let quote = next, "\"'`".unicodeScalars.contains(quote) {
            return (try parseString("a label name"), true)
        }
        // Dots are no part of Prometheus' bare names, but senders use them and nothing else is meant.
        let name = take {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                || $0 == "_" || $0 == "."
        }
        guard let first = name.unicodeScalars.first, !("0"..."9").contains(first) else {
            position -= name.unicodeScalars.count
            throw expected("a label name or }")
        }
        return (name, false)
    }

    private mutating func parseOperation() throws(QueryError) -> LabelMatcher.Operation {
        let pair = String.UnicodeScalarView(scalars[position...].prefix(2))
        // At the end of the text a lone = is left to what follows: one character, not two.
        if pair.count == 2, let operation = LabelMatcher.Operation(rawValue: String(pair)) {
            position += 2
            return operation
        }
        guard next == "=" else { throw expected("an operator (=, !=, =~ or !~)") }
        position += 1
        return .equal
    }

    /// Between double or single quotes with Go's escapes, or between backticks as it stands.
    private mutating func parseString(_ what: String) throws(QueryError) -> String {
        guard let quote = next, "\"'`".unicodeScalars.contains(quote) else { throw expected(what) }
        let start = position
        position += 1
        var text = String.UnicodeScalarView()
        while let scalar = next {
            position += 1
            if scalar == quote { return String(text) }
            if scalar == "\\", quote != "`" {
                text.append(try parseEscape())
            } else {
                text.append(scalar)
            }
        }
        position = start
        throw expected("a closing \(quote) for the quote that opens here")
    }

    private mutating func parseEscape() throws(QueryError) -> Unicode.Scalar {
        guard let scalar = next else { throw expected("a character after the backslash") }
        position += 1
        switch scalar {
        case "\\", "\"", "'": return scalar
        case "a": return "\u{07}"
        case "b": return "\u{08}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{0B}"
        case "x": return try parseScalar(digits: 2)
        case "u": return try parseScalar(digits: 4)
        case "U": return try parseScalar(digits: 8)
        default:
            position -= 1
            throw expected(
                "a known escape after the backslash (a regular expression's own backslash is written \\\\)"
            )
        }
    }

    private mutating func parseScalar(digits: Int) throws(QueryError) -> Unicode.Scalar {
        let text = String(String.UnicodeScalarView(scalars[position...].prefix(digits)))
        guard text.unicodeScalars.count == digits, !text.hasPrefix("+"), !text.hasPrefix("-"),
            let value = UInt32(text, radix: 16), let scalar = Unicode.Scalar(value)
        else { throw expected("\(digits) hexadecimal digits of a Unicode scalar") }
        position += digits
        return scalar
    }

    // MARK: Characters

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(while isPart: (Unicode.Scalar) -> Bool) -> String {
        let start = position
        while let scalar = next, isPart(scalar) { position += 1 }
        return String(String.UnicodeScalarView(scalars[start..<position]))
    }

    private mutating func skipSpace() { _ = take { $0.properties.isWhitespace } }

    private func expected(_ what: String) -> QueryError {
        let found = next.map { "\"\($0)\"" } ?? "the end"
        return QueryError(
            .invalid, "at character \(position + 1): expected \(what), found \(found)",
            parameter: parameter)
    }
}
