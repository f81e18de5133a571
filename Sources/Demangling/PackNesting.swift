/// How deep pack expansions of a C++ name lie in each other: each repeats those within it as often as
/// its pack has elements. Takes every capital that may open something for one that does.
struct PackNesting {
    /// The most at one place.
    private(set) var deepest = 0
    /// Where, in open brackets, the expansions around here began.
    private var open: [Int] = []
    private var depth = 0

    /// Takes the next byte outside identifiers, and the one before it.
    mutating func read(_ byte: UInt8, _ before: UInt8) {
        switch byte {
        case UInt8(ascii: "p") where before == UInt8(ascii: "D"):
            if open.last != depth { open.append(depth) }
            deepest = max(deepest, open.count)
        case UInt8(ascii: "I"), UInt8(ascii: "J"), UInt8(ascii: "N"), UInt8(ascii: "X"),
            UInt8(ascii: "F"), UInt8(ascii: "L"), UInt8(ascii: "Z"):
            depth += 1
        case UInt8(ascii: "E"):
            depth -= 1
            while let last = open.last, last > depth { open.removeLast() }
        default: break
        }
    }
}
