/// Makes a C++ name short, as the runtime's demangler printed it: without result type, parameters,
/// template arguments, ABI tags, and what stands behind the parameters.
///
///     void f<int>(int)::{lambda(char)#1}::operator()(char) const [clone .cold]
///          f         ::{lambda      #1}::operator()              [clone .cold]
///
/// One pass, without recursion.
struct CXXShortName {
    let text: NameText
    var place = 0
    var output: [UInt8] = []
    /// Up to where the output has words that tell what this is of the named: `vtable for `.
    var endOfWords = 0
    /// Where in the output the name begins; what is before it is its type.
    var start = 0
    /// Open brackets that the name stands in, as in `void (*f())(int)`.
    var declarators = 0

    struct Odd: Error {}

    /// Nil when it does not read as a name.
    static func read(_ text: NameText) -> [UInt8]? {
        var name = CXXShortName(text: text)
        do {
            while name.place < text.count { try name.step() }
        } catch {
            return nil
        }
        guard name.declarators == 0, !name.isAtComponentStart else { return nil }
        return Array(name.output[..<name.endOfWords] + name.output[name.start...])
    }

    private init(text: NameText) { self.text = text }

    var isAtComponentStart: Bool {
        output.count == start || output.suffix(2).elementsEqual("::".utf8)
    }

    private mutating func step() throws(Odd) {
        if let end = CXXOperator.endOfKeyword(in: text, at: place) { return try readOperator(end) }
        switch text[place] {
        case UInt8(ascii: "<"):
            guard !isAtComponentStart else { throw Odd() }
            try skipGroup()
        case UInt8(ascii: "("): try readParenthesis()
        case UInt8(ascii: ")"):
            guard declarators > 0 else { throw Odd() }
            declarators -= 1
            place += 1
            // What the function's result takes, or how many there are of it.
            if text.has(" [", at: place) { place += 1 }
            if [UInt8(ascii: "("), UInt8(ascii: "[")].contains(text[place]) { try skipGroup() }
            try skipQualifiers()
        case UInt8(ascii: "["): try readSquareBracket()
        case UInt8(ascii: "{"): try readBraces()
        case UInt8(ascii: "*"), UInt8(ascii: "&"):
            start = output.count
            place += 1
        case UInt8(ascii: " "): try readSpace()
        case UInt8(ascii: ">"), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ","): throw Odd()
        default: copy(to: place + 1)
        }
    }

    mutating func copy(to end: Int) {
        output += text.bytes[place..<end]
        place = end
    }

    mutating func skipGroup() throws(Odd) {
        guard let end = text.end(ofGroupAt: place, skippingOperators: true) else { throw Odd() }
        place = end
    }

    private mutating func readParenthesis() throws(Odd) {
        let anonymous = "(anonymous namespace)"
        if text.has(anonymous, at: place) {
            copy(to: place + anonymous.utf8.count)
        } else if output[start...].elementsEqual("decltype".utf8) {
            try skipGroup()
        } else if isAtComponentStart {
            declarators += 1
            place += 1
        } else {
            guard output.last != UInt8(ascii: " ") else { throw Odd() }
            try skipGroup()
            try skipQualifiers()
        }
    }

    /// What may stand behind parameters; then the name is over, or goes on within the function.
    private mutating func skipQualifiers() throws(Odd) {
        let words = [" const", " volatile", " &&", " &", " noexcept", " transaction_safe"]
        while let word = words.first(where: { text.has($0, at: place) }) {
            place += word.utf8.count
        }
        if text.has(" requires ", at: place) {
            while place < text.count, !text.has(" [clone ", at: place) { place += 1 }
        }
        let next = text[place]
        guard
            place == text.count || next == UInt8(ascii: ")") || text.has("::", at: place)
                || text.has(" [clone ", at: place)
        else { throw Odd() }
    }

    private mutating func readSquareBracket() throws(Odd) {
        let before = place
        try skipGroup()
        // Names of a structured binding, or an ABI tag.
        guard !text.has("[abi:", at: before) else { return }
        guard isAtComponentStart else { throw Odd() }
        output += text.bytes[before..<place]
    }

    /// `{lambda(int)#1}`, `{unnamed type#1}`.
    mutating func readBraces() throws(Odd) {
        while place < text.count, text[place] != UInt8(ascii: "}") {
            if [UInt8(ascii: "("), UInt8(ascii: "<")].contains(text[place]) {
                try skipGroup()
            } else {
                copy(to: place + 1)
            }
        }
        guard place < text.count else { throw Odd() }
        copy(to: place + 1)
    }
}
