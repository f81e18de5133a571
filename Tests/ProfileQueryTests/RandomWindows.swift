import ProfileModel
import ProfileStore

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

/// Windows of several series, each a few stacks of known names, and a store that holds them.
struct RandomWindows {
    struct Window {
        let labels: LabelSet
        /// Unix time in seconds.
        let second: Int64
        /// By names from the root.
        let stacks: [[String]: Int64]

        var total: Int64 { stacks.values.reduce(0, +) }

        /// What lies below a call site.
        func total(below callSite: [String]) -> Int64 {
            stacks.reduce(0) { $0 + ($1.key.starts(with: callSite) ? $1.value : 0) }
        }
    }

    static let start: Int64 = 1_800_000_000
    let windows: [Window]

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var windows: [Window] = []
        for service in ["web", "db", "job"] {
            for zone in ["", "a", "b"] where Bool.random(using: &random) {
                // Each second once per series: a store sums equal ones to one window.
                for second in Set((0..<12).map { _ in Int64.random(in: -20...80, using: &random) })
                {
                    var stacks: [[String]: Int64] = [:]
                    for _ in 0..<Int.random(in: 1...4, using: &random) {
                        let path = (0...Int.random(in: 0...3, using: &random)).map { _ in
                            ["main", "f", "g"].randomElement(using: &random) ?? "main"
                        }
                        stacks[path, default: 0] += Int64.random(in: 1...9, using: &random)
                    }
                    windows.append(
                        Window(
                            labels: LabelSet([
                                Label("service_name", service), Label("zone", zone),
                            ]), second: Self.start + second, stacks: stacks))
                }
            }
        }
        self.windows = windows
    }

    func store(in store: some ProfileStore = MemoryProfileStore()) async throws -> some ProfileStore
    {
        for window in windows { try await store.write(Self.batch(window)) }
        return store
    }

    /// Two names in a row are now and then one location: an inlined function.
    private static func batch(_ window: Window) -> ProfileBatch {
        var table = StackTable()
        var sums: [StackTable.StackID: Int64] = [:]
        for (path, value) in window.stacks {
            var stack: [StackTable.LocationID] = []
            var index = path.count - 1
            while index >= 0 {
                let isInlined = index > 0 && path[index] == "g"
                let lines = path[(isInlined ? index - 1 : index)...index].reversed().map {
                    Line(function: Function(name: $0))
                }
                stack.append(table.intern(Location(named: lines, kind: .native, module: "m")))
                index -= lines.count
            }
            sums[table.intern(stack: stack), default: 0] += value
        }
        let profile = Profile(
            labels: window.labels, type: .cpu, start: Timestamp(milliseconds: window.second * 1000),
            durationMilliseconds: 1000, period: 1,
            values: sums.map { StackValue(stack: $0.key, value: $0.value) })
        return ProfileBatch(table: table, profiles: [profile])
    }
}

/// Unix times in milliseconds.
func between(_ start: Int64, _ end: Int64) -> TimeRange {
    guard
        let range = TimeRange(Timestamp(milliseconds: start), Timestamp(milliseconds: end))
    else { preconditionFailure("\(start) lies after \(end)") }
    return range
}
