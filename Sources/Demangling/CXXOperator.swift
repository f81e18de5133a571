/// Names such as `operator<<`, which have brackets that open nothing.
enum CXXOperator {
    /// Longer ones before those they begin with. What a space precedes is a word.
    private static let symbols = [
        "()", "[]", "->*", "->", "<=>", "<<=", "<<", "<=", "<", ">>=", ">>", ">=", ">", "&&", "||",
        "&=", "|=", "^=", "+=", "-=", "*=", "/=", "%=", "==", "!=", "++", "--", "+", "-", "*", "/",
        "%", "^", "&", "|", "~", "!", "=", ",", "\"\" ", "\"\"", " new[]", " new", " delete[]",
        " delete", " co_await",
    ]

    private static let keyword = "operator"

    /// Behind the keyword, where it stands at `place`.
    static func endOfKeyword(in text: NameText, at place: Int) -> Int? {
        guard text[place] == UInt8(ascii: "o"), !NameText.isIdentifier(text[place - 1]),
            text.has(keyword, at: place),
            case let end = place + keyword.utf8.count, !NameText.isIdentifier(text[end])
        else { return nil }
        return end
    }

    /// Behind the keyword and a symbol; nil for what is none, or converts.
    static func end(in text: NameText, at place: Int) -> Int? {
        guard let end = endOfKeyword(in: text, at: place),
            let symbol = symbols.first(where: { text.has($0, at: end) }),
            case let after = end + symbol.utf8.count,
            symbol.first != " " || !NameText.isIdentifier(text[after])
        else { return nil }
        return after
    }
}
