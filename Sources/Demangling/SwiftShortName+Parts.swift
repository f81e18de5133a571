/// What a Swift name has in parentheses, and words and operators that are not read letter by letter.
extension SwiftShortName {
    mutating func readParenthesis() throws(Odd) {
        let end = try endOfGroup()
        guard isAtPartStart else {
            readLabels(to: end)
            return try skipSignature()
        }
        let content = text.bytes[(place + 1)..<(end - 1)]
        if text.has("(extension in ", at: place), text[end] == UInt8(ascii: ":") {
            place = end + 1
        } else if let name = Self.privateName(content) {
            output += name
            place = end
            // `Type.(in _0123)` is all that a nameless declaration has.
            if name.isEmpty, text[end] == UInt8(ascii: "."), output.last == text[end] { place += 1 }
        } else if !content.isEmpty, content.allSatisfy({ 48...57 ~= $0 }) {
            copy(to: end)  // `(1) suspend resume partial function for …`
        } else {
            copy(to: end)
            try skipSignature()
        }
    }

    /// `name` of `name in _0123`, where a file's private names are told apart.
    private static func privateName(_ content: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let space = content.lastIndex(of: UInt8(ascii: " ")),
            case let mark = content[(space + 1)...], mark.first == UInt8(ascii: "_"),
            mark.allSatisfy(NameText.isIdentifier)
        else { return nil }
        let before = content[..<space]
        if before.elementsEqual("in".utf8) { return [] }
        guard before.suffix(3).elementsEqual(" in".utf8),
            !before.contains(UInt8(ascii: "(")), !before.contains(UInt8(ascii: ","))
        else { return nil }
        return before.dropLast(3)
    }

    /// `(x: Swift.Int, Swift.Int)` → `(x:_:)`; nothing for operators, whose arguments have no labels.
    private mutating func readLabels(to end: Int) {
        defer { place = end }
        for fixity in [" infix", " prefix", " postfix"]
        where output.suffix(fixity.utf8.count).elementsEqual(fixity.utf8) { return }
        let content = text.bytes[(place + 1)..<(end - 1)]
        output.append(UInt8(ascii: "("))
        if content.last == UInt8(ascii: ":"), !content.contains(UInt8(ascii: " ")) {
            output += content
        } else if !content.isEmpty {
            place += 1
            while place < end - 1 { readLabel(to: end - 1) }
        }
        output.append(UInt8(ascii: ")"))
    }

    private mutating func readLabel(to end: Int) {
        let start = place
        if text[place] == UInt8(ascii: "`") { place = (try? endOfRawIdentifier()) ?? place }
        while NameText.isIdentifier(text[place]) { place += 1 }
        let hasLabel = place > start && text.has(": ", at: place)
        output += hasLabel ? text.bytes[start..<place] : [UInt8(ascii: "_")]
        output.append(UInt8(ascii: ":"))
        while place < end, text[place] != UInt8(ascii: ",") {
            switch text[place] {
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "<"):
                place = text.end(ofGroupAt: place) ?? end
            default: place += 1
            }
        }
        place += text.has(", ", at: place) ? 2 : 1
    }

    /// `generic specialization <…> of X`, and its kin, is `specialized X`, once.
    mutating func skipSpecialization() throws(Odd) -> Bool {
        guard text.has("generic ", at: place) || text.has("function signature ", at: place) else {
            return false
        }
        let words = text.bytes[place...].prefix(64).prefix {
            97...122 ~= $0 || $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "-")
        }
        guard words.suffix(15).elementsEqual("specialization ".utf8) else { return false }
        place = try endOfPayload(from: words.endIndex)
        guard text.has(" of ", at: place) else { throw Odd() }
        place += 4
        let short = Array("specialized ".utf8)
        if output.suffix(short.count) != short[...] { output += short }
        return true
    }

    /// Behind what a specialization is for. Square brackets count for nothing there: Swift's demangler
    /// does not close that of `<Arg[0] = [Closure Propagated : f, Argument Types : [Swift.Int]>`.
    private func endOfPayload(from start: Int) throws(Odd) -> Int {
        var depth = 0
        for end in start..<text.count {
            switch text[end] {
            case UInt8(ascii: "<"): depth += 1
            case UInt8(ascii: ">") where text[end - 1] != UInt8(ascii: "-"): depth -= 1
            default: break
            }
            if depth <= 0 { return end + 1 }
        }
        throw Odd()
    }

    /// Behind an operator's name, which has brackets and dots of its own: `static Swift.Int.< infix`.
    func endOfOperator() -> Int? {
        let letters = Array("/=-+!*%<>&|^~?.".utf8)
        var end = place
        // Bounded, since it is asked again behind each of them that is no operator.
        while end < min(text.count, place + 64), letters.contains(text[end]) { end += 1 }
        let hasFixity = [" infix", " prefix", " postfix"].contains { text.has($0, at: end) }
        return end > place && hasFixity ? end : nil
    }
}
