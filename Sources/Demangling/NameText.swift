/// A readable name as bytes, and where its brackets close.
struct NameText {
    let bytes: [UInt8]

    init(_ name: String) { bytes = Array(name.utf8) }

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    var count: Int { bytes.count }

    /// Zero past either end, as no name has it.
    subscript(place: Int) -> UInt8 { bytes.indices.contains(place) ? bytes[place] : 0 }

    func has(_ word: String, at place: Int) -> Bool {
        bytes[min(place, count)...].starts(with: word.utf8)
    }

    /// Behind the bracket that closes the one at `start`; nil when none does. An angle bracket counts
    /// only outside all others, where it is none of an expression: `f<(1 > 0)>`.
    func end(ofGroupAt start: Int, skippingOperators: Bool = false) -> Int? {
        var open: [UInt8] = []
        var place = start
        while place < count {
            let byte = bytes[place]
            let isAngle = open.last == nil || open.last == UInt8(ascii: "<")
            if skippingOperators, isAngle, let end = CXXOperator.end(in: self, at: place) {
                place = end
                continue
            }
            switch byte {
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): open.append(byte)
            case UInt8(ascii: "<") where isAngle: open.append(byte)
            case UInt8(ascii: ">") where isAngle && self[place - 1] != UInt8(ascii: "-"):
                open.removeLast()
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
                guard open.popLast() == Self.opening(byte) else { return nil }
            default: break
            }
            place += 1
            if open.isEmpty { return place }
        }
        return nil
    }

    /// The bracket that `closing` closes.
    static func opening(_ closing: UInt8) -> UInt8 {
        closing == UInt8(ascii: ")") ? UInt8(ascii: "(") : closing - 2
    }

    /// Whether a byte may be part of an identifier, in any of the languages.
    static func isIdentifier(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 128...:
            true
        default: false
        }
    }
}
