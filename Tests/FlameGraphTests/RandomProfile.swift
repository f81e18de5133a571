import ProfileModel

/// xorshift64*: the same choices in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_f491_4f6c_dd1d
    }
}

/// One frame as the naive model sees it.
struct NaiveFrame: Hashable, Comparable {
    let text: String
    let kind: FrameKind

    static func < (left: Self, right: Self) -> Bool {
        left.text == right.text
            ? left.kind.rawValue < right.kind.rawValue
            : Array(left.text.utf8).lexicographicallyPrecedes(Array(right.text.utf8))
    }
}

/// A random profile, and what it says as plainly as possible: a value per path from the root.
struct RandomProfile {
    let profile: MergedProfile
    private(set) var paths: [[NaiveFrame]: Int64] = [:]
    /// By path from the root (the root's is empty): what lies at it or below, by looking at all.
    private(set) var totals: [[NaiveFrame]: Int64] = [[]: 0]

    /// Few names, so that paths share beginnings, functions recurse and names meet across kinds;
    /// locations with inlined functions; now and then an empty stack, or nothing at all.
    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let names =
            ["main", "f", "g", "h", "other", "é", "a b", "<x>", "Z"]
            .prefix(Int.random(in: 1...9, using: &random))
        var table = StackTable()
        var sums: [StackTable.StackID: Int64] = [:]
        for _ in 0..<Int.random(in: 0...60, using: &random) {
            var stack: [Location] = []
            for _ in 0..<Int.random(in: 0...8, using: &random) {
                let kind: FrameKind = Int.random(in: 0...5, using: &random) == 0 ? .kernel : .native
                let count = Int.random(in: 0...4, using: &random) == 0 ? 3 : 1
                let lines = (0..<count).map { _ in
                    Line(
                        function: Function(name: names.randomElement(using: &random) ?? "main"),
                        number: UInt32.random(in: 0...2, using: &random))
                }
                stack.append(Location(named: lines, kind: kind, module: "program"))
            }
            let value = Int64.random(in: 1...50, using: &random)
            let path = stack.reversed().flatMap { location in
                location.lines.reversed().map {
                    NaiveFrame(text: $0.function.name, kind: location.kind)
                }
            }
            paths[path, default: 0] += value
            sums[table.intern(stack: stack.map { table.intern($0) }), default: 0] += value
        }
        profile = MergedProfile(
            type: .cpu, range: nil, period: 1, table: table,
            values: sums.map { StackValue(stack: $0.key, value: $0.value) })
        for (path, value) in paths {
            for depth in 0...path.count { totals[Array(path.prefix(depth)), default: 0] += value }
        }
    }

    var total: Int64 { paths.values.reduce(0, +) }
}

/// A bar read from Pyroscope's levels.
struct ReadBar {
    let path: [NaiveFrame]
    let start: Int64
    let total: Int64
    let own: Int64
    var end: Int64 { start + total }
}
