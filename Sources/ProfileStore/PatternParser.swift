/// Reads RE2's syntax. What RE2 refuses is refused here; what only RE2 knows (Unicode scripts, `\C`)
/// is refused with a sentence that says so.
struct PatternParser {
    private struct Flags {
        var ignoresCase = false
        var isMultiline = false
        /// On from the start, as Prometheus wraps patterns in `(?s:…)`.
        var dotMatchesLineFeed = true
    }

    /// RE2's bound on counted repetition.
    private static let repetitionLimit = 1000
    private static let depthLimit = 100
    /// Characters of the pattern.
    private static let lengthLimit = 10_000

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0

    init(_ source: String) { scalars = Array(source.unicodeScalars.prefix(Self.lengthLimit + 1)) }

    mutating func parse() throws(PatternError) -> PatternNode {
        guard scalars.count <= Self.lengthLimit else {
            throw PatternError("is longer than \(Self.lengthLimit) characters")
        }
        var flags = Flags()
        let node = try parseAlternatives(&flags)
        guard position == scalars.count else { throw problem("has a ) that opens nowhere") }
        return node
    }

    // MARK: Structure

    private func problem(_ reason: String) -> PatternError {
        PatternError("\(reason) (at character \(position + 1))")
    }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take() -> Unicode.Scalar? {
        guard let scalar = next else { return nil }
        position += 1
        return scalar
    }

    private mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    /// Flags set inside, as in `a(?i)b|c`, hold to the end of the group.
    private mutating func parseAlternatives(_ flags: inout Flags) throws(PatternError)
        -> PatternNode
    {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw problem("nests too deeply") }
        var alternatives = [try parseSequence(&flags)]
        while take("|") { alternatives.append(try parseSequence(&flags)) }
        return alternatives.count == 1 ? alternatives[0] : .alternatives(alternatives)
    }

    private mutating func parseSequence(_ flags: inout Flags) throws(PatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            if take("\\Q") {
                while position < scalars.count, !take("\\E") {
                    guard let literal = take() else { break }
                    nodes.append(character(CharacterClass(literal), flags))
                }
                if let last = nodes.popLast() { nodes.append(try parseRepetition(of: last)) }
                continue
            }
            guard let atom = try parseAtom(&flags) else {
                // A group of flags alone is nothing to repeat.
                if let mark = next, "*+?".unicodeScalars.contains(mark) {
                    throw problem("has \(mark) after nothing")
                }
                continue
            }
            nodes.append(try parseRepetition(of: atom))
        }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    private mutating func parseRepetition(of atom: PatternNode) throws(PatternError) -> PatternNode
    {
        guard let (least, most) = try parseCount() else { return atom }
        // Whether the shortest or the longest match is meant makes no difference to a full match.
        _ = take("?")
        if try parseCount() != nil { throw problem("repeats a repetition") }
        return .repetition(atom, least: least, most: most)
    }

    private mutating func parseCount() throws(PatternError) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = position
        // `{` that begins no count is an ordinary character.
        guard take("{"), let least = takeNumber() else {
            position = start
            return nil
        }
        var most: Int? = least
        if take(",") { most = takeNumber() }
        guard take("}") else {
            position = start
            return nil
        }
        guard least <= Self.repetitionLimit, (most ?? least) <= Self.repetitionLimit,
            (most ?? least) >= least
        else { throw problem("has a repetition count that is not between 0 and 1000") }
        return (least, most)
    }

    private mutating func takeNumber() -> Int? {
        var number: Int?
        while let digit = next, ("0"..."9").contains(digit) {
            position += 1
            number = min((number ?? 0) * 10 + Int(digit.value - 48), 1_000_000)
        }
        return number
    }

    /// One thing that can be repeated; nil for a group that only sets flags.
    private mutating func parseAtom(_ flags: inout Flags) throws(PatternError) -> PatternNode? {
        guard let scalar = take() else { return nil }
        switch scalar {
        case "(": return try parseGroup(&flags)
        case "[": return .character(try parseClass(flags))
        case ".": return .character(flags.dotMatchesLineFeed ? .any : .notLineFeed)
        case "^": return .assertion(flags.isMultiline ? .lineStart : .textStart)
        case "$": return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
        case "*", "+", "?":
            position -= 1
            throw problem("has \(scalar) after nothing")
        case "\\": return try parseEscape(flags)
        default: return character(CharacterClass(scalar), flags)
        }
    }

    private func character(_ set: CharacterClass, _ flags: Flags) -> PatternNode {
        .character(set.with(negated: false, ignoringCase: flags.ignoresCase))
    }

    // MARK: Groups

    private mutating func parseGroup(_ flags: inout Flags) throws(PatternError) -> PatternNode? {
        var inner = flags
        if take("?") {
            if take("P<") || (next == "<" && !isLookbehind && take("<")) {
                try takeGroupName()
            } else {
                try parseFlags(&inner)
                if take(")") {
                    flags = inner
                    return nil
                }
                guard take(":") else { throw problem("has a group we do not know") }
            }
        }
        let node = try parseAlternatives(&inner)
        guard take(")") else { throw problem("has a group without )") }
        return node
    }

    private var isLookbehind: Bool {
        position + 1 < scalars.count && ["=", "!"].contains(scalars[position + 1])
    }

    private mutating func takeGroupName() throws(PatternError) {
        var length = 0
        while let scalar = take(), scalar != ">" {
            guard CharacterClass.word.contains(scalar) else {
                throw problem("has a bad group name")
            }
            length += 1
        }
        guard length > 0 else { throw problem("has a group without a name") }
    }

    private mutating func parseFlags(_ flags: inout Flags) throws(PatternError) {
        var isOn = true
        var count = 0
        while let scalar = next, scalar != ":", scalar != ")" {
            switch scalar {
            case "i": flags.ignoresCase = isOn
            case "m": flags.isMultiline = isOn
            case "s": flags.dotMatchesLineFeed = isOn
            // Swaps shortest and longest match, which a full match does not see.
            case "U": break
            case "-" where isOn:
                isOn = false
                count = -1
            case "=", "!", "<":
                throw problem("looks ahead or behind, which cannot be matched in linear time")
            default: throw problem("has an unknown flag \(scalar)")
            }
            position += 1
            count += 1
        }
        if !isOn && count == 0 { throw problem("has a flag group without flags") }
    }

    // MARK: Escapes

    private mutating func parseEscape(_ flags: Flags) throws(PatternError) -> PatternNode {
        switch next {
        case "A": return assertion(.textStart)
        case "z": return assertion(.textEnd)
        case "b": return assertion(.wordBoundary)
        case "B": return assertion(.notWordBoundary)
        default:
            var set = CharacterClass()
            if try !parseNamedEscape(into: &set) {
                let scalar = try parseCharacterEscape()
                set.insert(scalar.value...scalar.value)
            }
            return character(set, flags)
        }
    }

    private mutating func assertion(_ assertion: PatternAssertion) -> PatternNode {
        position += 1
        return .assertion(assertion)
    }

    /// `\d \s \w \p` and their complements, after the backslash.
    private mutating func parseNamedEscape(into set: inout CharacterClass) throws(PatternError)
        -> Bool
    {
        guard let scalar = next else { throw problem("ends in a backslash") }
        switch scalar {
        case "d", "D": set.insert(named: CharacterClass.named("digit"), negated: scalar == "D")
        case "s", "S":
            set.insert(named: CharacterClass.named("perl-space"), negated: scalar == "S")
        case "w", "W": set.insert(named: CharacterClass.named("word"), negated: scalar == "W")
        case "p", "P":
            position += 1
            try parseCategory(into: &set, negated: scalar == "P")
            return true
        default: return false
        }
        position += 1
        return true
    }

    /// `L`, `{Lu}` or `{^Lu}`.
    private mutating func parseCategory(
        into set: inout CharacterClass, negated: Bool
    ) throws(PatternError) {
        var name = ""
        var isNegated = negated
        if take("{") {
            if take("^") { isNegated.toggle() }
            while let scalar = take(), scalar != "}" { name.unicodeScalars.append(scalar) }
        } else if let scalar = take() {
            name.unicodeScalars.append(scalar)
        }
        guard CharacterClass.categoryNames.contains(name) else {
            throw problem("names the Unicode class \(name), and only general categories are known")
        }
        set.insert(category: name, negated: isNegated)
    }

    /// An escape that stands for one character, after the backslash.
    private mutating func parseCharacterEscape() throws(PatternError) -> Unicode.Scalar {
        guard let scalar = take() else { throw problem("ends in a backslash") }
        switch scalar {
        case "a": return "\u{07}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{0B}"
        case "x": return try parseHexadecimal()
        case "0": return try scalarOf(octal: 0, more: 2)
        case "1"..."7":
            guard let following = next, ("0"..."7").contains(following) else {
                throw problem("refers back to a group, which cannot be matched in linear time")
            }
            return try scalarOf(octal: scalar.value - 48, more: 2)
        default:
            guard scalar.isASCII, !CharacterClass.word.contains(scalar) || scalar == "_" else {
                throw problem("has an unknown escape \\\(scalar)")
            }
            return scalar
        }
    }

    private mutating func scalarOf(octal first: UInt32, more: Int) throws(PatternError)
        -> Unicode.Scalar
    {
        var value = first
        for _ in 0..<more {
            guard let digit = next, ("0"..."7").contains(digit) else { break }
            position += 1
            value = value * 8 + digit.value - 48
        }
        return Unicode.Scalar(value) ?? "\0"
    }

    /// `\x41` or `\x{1F600}`, after the x.
    private mutating func parseHexadecimal() throws(PatternError) -> Unicode.Scalar {
        var digits = ""
        if take("{") {
            while let scalar = take(), scalar != "}" { digits.unicodeScalars.append(scalar) }
        } else {
            for _ in 0..<2 { if let scalar = take() { digits.unicodeScalars.append(scalar) } }
            guard digits.unicodeScalars.count == 2 else { throw problem("has a bad \\x escape") }
        }
        guard !digits.hasPrefix("+"), !digits.hasPrefix("-"),
            let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value)
        else { throw problem("has a bad \\x escape") }
        return scalar
    }

    // MARK: Classes

    private mutating func parseClass(_ flags: Flags) throws(PatternError) -> CharacterClass {
        var set = CharacterClass()
        let isNegated = take("^")
        var isFirst = true
        while let scalar = next, scalar != "]" || isFirst {
            isFirst = false
            if try parseNamedMember(into: &set) { continue }
            let low = try parseClassScalar()
            var high = low
            if next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" {
                position += 1
                high = try parseClassScalar()
            }
            guard low <= high else { throw problem("has a range that ends before it begins") }
            set.insert(low.value...high.value)
        }
        guard take("]") else { throw problem("has a class without ]") }
        return set.with(negated: isNegated, ignoringCase: flags.ignoresCase)
    }

    /// `[:alpha:]`, `[:^alpha:]`, `\d`, `\pL`…
    private mutating func parseNamedMember(into set: inout CharacterClass) throws(PatternError)
        -> Bool
    {
        if next == "\\" {
            position += 1
            if try parseNamedEscape(into: &set) { return true }
            position -= 1
            return false
        }
        let start = position
        guard take("[:") else { return false }
        let isNegated = take("^")
        var name = ""
        while let scalar = next, ("a"..."z").contains(scalar) {
            position += 1
            name.unicodeScalars.append(scalar)
        }
        guard take(":]") else {
            position = start
            return false
        }
        let members = CharacterClass.named(name)
        guard !members.isEmpty else { throw problem("has an unknown class [:\(name):]") }
        set.insert(named: members, negated: isNegated)
        return true
    }

    private mutating func parseClassScalar() throws(PatternError) -> Unicode.Scalar {
        guard let scalar = take() else { throw problem("has a class without ]") }
        return scalar == "\\" ? try parseCharacterEscape() : scalar
    }
}
