/// How V8 writes the name of a script's function in perf maps and jitdumps, taken apart:
/// `JS:*parse /srv/app/parser.js:12:3` is `parse`, which begins on line 12 of that file.
///
/// The mark before the name says which of its compilers made the code: `~` the interpreter's, `^`, `+`
/// and `*` the better ones. A function has several in its life, and shall have one name.
struct ScriptFunction: Hashable, Sendable {
    /// `(anonymous)` when it has none, as V8's own profiler writes it.
    let name: String
    /// A path, without `file://`, or a name of the runtime's own: `node:fs`. Empty when it is not told.
    let file: String
    /// 1-based; 0 when it is not told.
    let line: UInt32

    private static let kinds: Set<String> = [
        "JS", "LazyCompile", "Function", "InterpretedFunction", "Script", "Eval",
    ]
    private static let anonymous = "(anonymous)"

    /// Nil when the name is not of that kind: V8's own functions (`Builtin:ArrayMap`), and other runtimes'.
    init?(_ text: String) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
            Self.kinds.contains(String(text[..<colon]))
        else { return nil }
        var rest = text[text.index(after: colon)...]
        if let mark = rest.utf8.first, "~^+*".utf8.contains(mark) {
            rest = rest.dropFirst()
            // Of code for one closure alone.
            if rest.hasPrefix("'") { rest = rest.dropFirst() }
        }
        let (place, line) = Self.withoutPosition(rest)
        guard let line else {
            self.init(rest, file: "", line: 0)
            return
        }
        let blank = Self.blankBeforeFile(place)
        let file = blank.map { place[place.index(after: $0)...] } ?? place
        self.init(
            blank.map { place[..<$0] } ?? "",
            file: file.hasPrefix("file://") ? String(file.dropFirst(7)) : String(file), line: line)
    }

    private init(_ name: Substring, file: String, line: UInt32) {
        let trimmed = name.hasSuffix(" ") ? name.dropLast() : name
        self.name = trimmed.isEmpty ? Self.anonymous : String(trimmed)
        self.file = file
        self.line = line
    }

    /// Takes off `:LINE:COLUMN`, or `:LINE`, as old ones write it.
    private static func withoutPosition(_ text: Substring) -> (Substring, UInt32?) {
        guard let (before, last) = splitNumber(text) else { return (text, nil) }
        guard let (place, line) = splitNumber(before) else { return (before, last) }
        return (place, line)
    }

    private static func splitNumber(_ text: Substring) -> (Substring, UInt32)? {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let number = UInt32(digits)
        else { return nil }
        return (text[..<colon], number)
    }

    /// Names have blanks (`get size`), and paths may: the file begins at the first that looks like a
    /// path, else it is the last word.
    private static func blankBeforeFile(_ text: Substring) -> Substring.Index? {
        let blanks = text.utf8.indices.filter { text.utf8[$0] == UInt8(ascii: " ") }
        let path = blanks.first { blank in
            let next = text.utf8[text.utf8.index(after: blank)...]
            return ["/", "file://", "node:"].contains { next.starts(with: $0.utf8) }
        }
        return path ?? blanks.last
    }
}
