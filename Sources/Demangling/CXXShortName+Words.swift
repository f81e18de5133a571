/// Where a space is part of the name, and where it is not.
extension CXXShortName {
    /// Behind a result type, or behind words such as `vtable for`; `for` names nothing in C++.
    mutating func readSpace() throws(Odd) {
        guard !text.has(" [clone ", at: place) else { return copy(to: text.count) }
        let word = output[start...]
        if text[place + 1] == UInt8(ascii: "("), word.elementsEqual("decltype".utf8) {
            place += 1
            return
        }
        let isWord =
            word.elementsEqual("for".utf8)
            || word.elementsEqual("to".utf8) && [" thunk ", " keyed "].contains(where: isBefore)
        let isType =
            endOfWords > 0 && ["typeinfo for ", "typeinfo name for "].contains(where: isBefore)
        copy(to: place + 1)
        if !isType { start = output.count }
        if isWord { endOfWords = start }
    }

    private func isBefore(_ words: String) -> Bool {
        output[..<start].suffix(words.utf8.count).elementsEqual(words.utf8)
    }

    mutating func readOperator(_ endOfKeyword: Int) throws(Odd) {
        if let end = CXXOperator.end(in: text, at: place) {
            copy(to: end)
            // What keeps `operator<` and its template arguments apart.
            if text.has(" <", at: place) { place += 1 }
            return
        }
        guard text[endOfKeyword] == UInt8(ascii: " ") else { throw Odd() }
        copy(to: endOfKeyword + 1)
        while place < text.count, try readOfConversion() {}
    }

    /// The next of the type that an operator converts to; false behind it.
    private mutating func readOfConversion() throws(Odd) -> Bool {
        switch text[place] {
        case UInt8(ascii: "("):
            let anonymous = "(anonymous namespace)"
            if text.has(anonymous, at: place) {
                copy(to: place + anonymous.utf8.count)
            } else if output.last == UInt8(ascii: " ") {
                throw Odd()  // `operator int (*)(char)()`
            } else {
                return false
            }
        case UInt8(ascii: "<"): try skipGroup()
        case UInt8(ascii: "{"): try readBraces()
        case UInt8(ascii: " ") where text.has(" [clone ", at: place): return false
        case UInt8(ascii: ")"), UInt8(ascii: ">"), UInt8(ascii: "["), UInt8(ascii: ","):
            return false
        default: copy(to: place + 1)
        }
        return true
    }
}
