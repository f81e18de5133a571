/// How long a name can become when it is read.
///
/// C++'s and Swift's names refer back to what they said before, and what is referred to may have such
/// references itself: 250 bytes can stand for gigabytes, which demanglers print without a limit.
/// So they are asked only for names that cannot be long, which is almost all that compilers make: of
/// 235,000 C++ names in Swift's debugger some 250 are beyond the limit.
struct NameExpansion {
    enum Mangling {
        /// Itanium C++ ABI, §5.1: `S…_` and `T…_` refer, `Dp` repeats what follows.
        case cxx
        /// Swift's docs/ABI/Mangling.rst: `A…` refers.
        case swift
    }

    /// In units of mangled bytes; a multiple of it is memory for a moment.
    private static let limit = 1 << 26

    /// A bound: a reference stands for no more than all there was before it was first used.
    private(set) var total = 0
    private var cost: [Int: Int] = [:]
    /// Up to where bytes are counted.
    private var counted = 0

    /// Whether a demangler may be asked.
    static func isBounded(_ name: String, as mangling: Mangling) -> Bool {
        var expansion = NameExpansion()
        let bytes = Array(name.utf8)
        switch mangling {
        case .cxx: expansion.readCXX(bytes)
        case .swift: expansion.readSwift(bytes)
        }
        return expansion.total <= limit
    }

    private mutating func refer(to index: Int, at place: Int, times: Int = 1) {
        total += max(0, place - counted)
        counted = max(counted, place)
        let each = cost[index] ?? total
        cost[index] = each
        multiply(by: 1, adding: each, times)
    }

    private mutating func multiply(by factor: Int, adding each: Int = 0, _ times: Int = 0) {
        let (product, tooMuch) = total.multipliedReportingOverflow(by: factor)
        let (more, tooMany) = each.multipliedReportingOverflow(by: times)
        let (sum, overflow) = product.addingReportingOverflow(more)
        total = tooMuch || tooMany || overflow ? .max / 2 : min(sum, .max / 2)
    }

    private mutating func readCXX(_ bytes: [UInt8]) {
        var place = 2
        var packs = PackNesting()
        while place < bytes.count, total <= Self.limit {
            let byte = bytes[place]
            if Self.isDigit(byte) {
                place = Self.endOfIdentifier(in: bytes, at: place)
                continue
            }
            packs.read(byte, bytes[place - 1])
            // What `T…_` stands for is another thing in an encoding within.
            if byte == UInt8(ascii: "Z") { cost = cost.filter { $0.key >= 0 } }
            if byte == UInt8(ascii: "S") || byte == UInt8(ascii: "T"),
                let (index, end) = Self.sequenceNumber(in: bytes, at: place + 1)
            {
                refer(to: byte == UInt8(ascii: "S") ? index : ~index, at: place)
                place = end
            } else {
                place += 1
            }
        }
        total += max(0, bytes.count - counted)
        // A pack has fewer elements than the name has bytes; what one of them makes of a name is little.
        for _ in 0..<max(0, packs.deepest - 1) { multiply(by: bytes.count) }
    }

    private mutating func readSwift(_ bytes: [UInt8]) {
        var place = 2
        while place < bytes.count, total <= Self.limit {
            if bytes[place] == UInt8(ascii: "A") {
                place = readReferences(bytes, from: place + 1)
            } else if Self.isDigit(bytes[place]), bytes[place - 1] != UInt8(ascii: "S") {
                place = Self.endOfIdentifier(in: bytes, at: place)
            } else {
                place += 1
            }
        }
        total += max(0, bytes.count - counted)
    }

    /// Letters, the last of them a capital, each with a count before it, or one number and `_`.
    private mutating func readReferences(_ bytes: [UInt8], from start: Int) -> Int {
        var place = start
        while place < bytes.count, total <= Self.limit {
            let (count, end) = Self.number(in: bytes, at: place)
            guard end < bytes.count else { return end }
            let letter = bytes[end]
            place = end + 1
            if letter == UInt8(ascii: "_") {
                refer(to: 27 + count, at: start)
                return place
            }
            guard 65...90 ~= letter & ~32 else { return place }
            refer(to: Int(letter & ~32) - 65, at: start, times: max(1, count))
            if letter & 32 == 0 { return place }
        }
        return place
    }

    private static func isDigit(_ byte: UInt8) -> Bool { 48...57 ~= byte }

    /// A decimal number, at most a million, and where it ends.
    private static func number(in bytes: [UInt8], at start: Int) -> (value: Int, end: Int) {
        var (value, place) = (0, start)
        while place < bytes.count, isDigit(bytes[place]) {
            value = min(1_000_000, value * 10 + Int(bytes[place] - 48))
            place += 1
        }
        return (value, place)
    }

    /// Behind a length and so many bytes, or behind the number where there are fewer.
    private static func endOfIdentifier(in bytes: [UInt8], at start: Int) -> Int {
        let (length, end) = number(in: bytes, at: start)
        return length <= bytes.count - end ? end + length : end
    }

    /// `_` is 0, `0_` is 1, in base 36; nil when it is none.
    private static func sequenceNumber(
        in bytes: [UInt8], at start: Int
    ) -> (index: Int, end: Int)? {
        var (value, place) = (0, start)
        while place < bytes.count, isDigit(bytes[place]) || 65...90 ~= bytes[place] {
            let digit = isDigit(bytes[place]) ? bytes[place] - 48 : bytes[place] - 55
            value = min(1_000_000, value * 36 + Int(digit))
            place += 1
        }
        guard place < bytes.count, bytes[place] == UInt8(ascii: "_") else { return nil }
        return (place == start ? 0 : value + 1, place + 1)
    }
}
