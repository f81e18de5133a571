/// Makes a Rust name short: without generic arguments. What a path begins with stays, as in
/// `<T as Trait>::f`, but for the brackets of `<T>::f`, which the legacy mangling has none for.
///
/// One pass, without recursion.
struct RustShortName {
    private let text: NameText
    private var place = 0
    private var output: [UInt8] = []
    private var open: [Open] = []

    private struct Open {
        let bracket: UInt8
        /// Where in the output.
        let place: Int
        var hasSpace = false
    }

    private struct Odd: Error {}
    /// Stands in the output for a bracket that goes; no byte of UTF-8.
    private static let gone: UInt8 = 0xff

    /// Nil when its brackets do not match.
    static func read(_ text: NameText) -> [UInt8]? {
        var name = RustShortName(text: text)
        do {
            while name.place < text.count { try name.step() }
        } catch {
            return nil
        }
        return name.open.isEmpty ? name.output.filter { $0 != Self.gone } : nil
    }

    private init(text: NameText) { self.text = text }

    private mutating func step() throws(Odd) {
        let byte = text[place]
        switch byte {
        case UInt8(ascii: "<") where isGeneric: return try skipGenerics()
        case UInt8(ascii: "<"), UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
            open.append(Open(bracket: byte, place: output.count))
        case UInt8(ascii: ">") where text[place - 1] == UInt8(ascii: "-"): break  // `->`
        case UInt8(ascii: ">"), UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
            return try close(byte)
        case UInt8(ascii: " "):
            if !open.isEmpty { open[open.count - 1].hasSpace = true }
        default: break
        }
        output.append(byte)
        place += 1
    }

    /// Whether arguments of what is before begin here, and not a path.
    private var isGeneric: Bool {
        let before = text[place - 1]
        if before == UInt8(ascii: ":") { return !text.has("<impl ", at: place) }
        return NameText.isIdentifier(before)
            || [")", "]", "}", ">"].contains(UnicodeScalar(before))
    }

    private mutating func skipGenerics() throws(Odd) {
        guard let end = text.end(ofGroupAt: place) else { throw Odd() }
        place = end
        if output.suffix(2).elementsEqual("::".utf8) { output.removeLast(2) }
        // `for<'a> fn(&'a u8)`
        guard text[place] == UInt8(ascii: " "), output.suffix(3).elementsEqual("for".utf8),
            !NameText.isIdentifier(output.dropLast(3).last ?? 0)
        else { return }
        output.removeLast(3)
        place += 1
    }

    private mutating func close(_ bracket: UInt8) throws(Odd) {
        guard let opened = open.popLast(), opened.bracket == NameText.opening(bracket) else {
            throw Odd()
        }
        if opened.hasSpace, !open.isEmpty { open[open.count - 1].hasSpace = true }
        place += 1
        let first = opened.place + 1 < output.count ? output[opened.place + 1] : 0
        if bracket == UInt8(ascii: ">"), !opened.hasSpace, NameText.isIdentifier(first) {
            output[opened.place] = Self.gone
        } else {
            output.append(bracket)
        }
    }
}
