/// Makes a Swift name short, as the runtime's demangler printed it: without generic arguments, types,
/// effects, and what tells private names of files apart. Argument labels stay, as they tell functions
/// apart that have one name.
///
///     closure #1 (Swift.Int) throws -> A in Module.Type.method<A>(x: Swift.Int, A) -> A
///     closure #1                         in Module.Type.method   (x:            _:)
///
/// One pass, without recursion.
struct SwiftShortName {
    let text: NameText
    var place = 0
    var output: [UInt8] = []
    /// Whether it is about a conformance, `Type : Protocol in Module`, which has no signature.
    private let isConformance: Bool

    struct Odd: Error {}

    /// Nil when it does not read as a name.
    static func read(_ text: NameText) -> [UInt8]? {
        let (base, suffix) = cutSuffix(text)
        var name = SwiftShortName(text: base)
        do {
            while name.place < base.count { try name.step() }
        } catch {
            return nil
        }
        while name.output.last == UInt8(ascii: " ") { name.output.removeLast() }
        return name.output.isEmpty ? nil : name.output + suffix
    }

    /// What a compiler appended to the symbol, in brackets, as for other languages; a number alone only
    /// told symbols of the same name apart.
    private static func cutSuffix(_ text: NameText) -> (NameText, [UInt8]) {
        let words = " with unmangled suffix \""
        guard text.bytes.last == UInt8(ascii: "\""),
            let quote = text.bytes.dropLast().lastIndex(of: UInt8(ascii: "\"")),
            case let start = quote + 1 - words.utf8.count, start >= 0, text.has(words, at: start)
        else { return (text, []) }
        let suffix = text.bytes[(quote + 1)...].dropLast().drop { $0 == UInt8(ascii: ".") }
        let base = NameText(text.bytes[..<start])
        guard !suffix.allSatisfy({ 48...57 ~= $0 }) else { return (base, []) }
        return (base, Array(" [".utf8) + suffix + Array("]".utf8))
    }

    private init(text: NameText) {
        self.text = text
        let beginning = String(decoding: text.bytes.prefix(80), as: UTF8.self)
        isConformance = beginning.contains("witness table ")
    }

    private mutating func step() throws(Odd) {
        let byte = text[place]
        if isAtPartStart {
            if try skipSpecialization() { return }
            if let end = endOfOperator() { return copy(to: end) }
        }
        switch byte {
        case UInt8(ascii: "`"): copy(to: try endOfRawIdentifier())
        case UInt8(ascii: "<"): place = try endOfGroup()
        case UInt8(ascii: "("): try readParenthesis()
        case UInt8(ascii: "["), UInt8(ascii: "{"): copy(to: try endOfGroup())
        case UInt8(ascii: ")"), UInt8(ascii: ">"), UInt8(ascii: "]"), UInt8(ascii: "}"): throw Odd()
        case UInt8(ascii: " "): try readSpace()
        case UInt8(ascii: "#"): try readNumber()
        default: copy(to: place + 1)
        }
    }

    /// Whether a word, or a name within another, begins here.
    var isAtPartStart: Bool {
        guard let last = output.last else { return true }
        return last == UInt8(ascii: " ") || last == UInt8(ascii: ".")
    }

    mutating func copy(to end: Int) {
        output += text.bytes[place..<end]
        place = end
    }

    func endOfGroup() throws(Odd) -> Int {
        guard let end = text.end(ofGroupAt: place) else { throw Odd() }
        return end
    }

    func endOfRawIdentifier() throws(Odd) -> Int {
        let end = text.bytes[(place + 1)...].firstIndex(of: UInt8(ascii: "`"))
        guard let end else { throw Odd() }
        return end + 1
    }

    private mutating func readSpace() throws(Odd) {
        // What it converts from and to may be all of a page, and its generic parameters went before.
        let isOfThunk = ["thunk helper", "thunk helper "].contains {
            output.suffix($0.utf8.count).elementsEqual($0.utf8)
        }
        if text.has(" in conformance ", at: place) || text.has(" and conformance ", at: place)
            || isOfThunk && text.has(" from ", at: place)
        {
            place = text.count
        } else if text.has(" -> ", at: place) || text.has(" : ", at: place) && !isConformance {
            try skipSignature()
        } else {
            copy(to: place + 1)
        }
    }

    /// `closure #1 (Swift.Int) -> () in …`: what is numbered has its signature behind a space.
    private mutating func readNumber() throws(Odd) {
        copy(to: place + 1)
        while 48...57 ~= text[place] { copy(to: place + 1) }
        guard text[place] == UInt8(ascii: " "),
            ![" in ", " of "].contains(where: { text.has($0, at: place) })
        else { return }
        try skipSignature()
    }

    /// Up to where the name goes on, which is the context of what has the signature.
    mutating func skipSignature() throws(Odd) {
        var isLocalType = false
        while place < text.count {
            switch text[place] {
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "<"):
                place = try endOfGroup()
            case UInt8(ascii: "`"): place = try endOfRawIdentifier()
            case UInt8(ascii: ">") where text[place - 1] == UInt8(ascii: "-"): place += 1
            case UInt8(ascii: ")"), UInt8(ascii: ">"), UInt8(ascii: "]"), UInt8(ascii: "}"):
                throw Odd()
            case UInt8(ascii: " ") where text.has(" in conformance ", at: place):
                place = text.count
            case UInt8(ascii: " ") where text.has(" in ", at: place) && !isLocalType:
                return copy(to: place + 4)
            default:
                // `-> Local #1 in f()` is all of the result.
                let byte = text[place]
                isLocalType = byte == UInt8(ascii: "#") || isLocalType && 48...57 ~= byte
                place += 1
            }
        }
    }
}
