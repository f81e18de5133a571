import ProfileModel

/// Functions and the calls between them, whatever the path that led there.
struct CallGraph {
    struct Function {
        let name: FrameName
        var own: Int64 = 0
        /// In the function or below it; a stack counts once, however often the function is in it.
        var total: Int64 = 0
    }

    struct Edge {
        let caller: Int
        let callee: Int
        /// A stack counts once.
        var value: Int64
        /// Functions that are left out lie between, in some stack.
        var isIndirect: Bool
    }

    private(set) var functions: [Function] = []
    /// Indexes of the functions that are shown, the largest first.
    private(set) var kept: [Int] = []
    /// The largest first.
    private(set) var edges: [Edge] = []
    private(set) var total: Int64 = 0
    /// Functions root first, and the value.
    private var paths: [(path: [Int], value: Int64)] = []

    init(_ profile: MergedProfile) {
        var ids: [FrameName: Int] = [:]
        var known = [[Int]?](repeating: nil, count: profile.table.locations.count)
        for entry in profile.values where entry.value != 0 {
            total = total.addingSaturating(entry.value)
            var path: [Int] = []
            for location in profile.table.stacks[Int(entry.stack)].reversed() {
                let found =
                    known[Int(location)]
                    ?? profile.table.locations[Int(location)].frameNames.map { name in
                        if let id = ids[name] { return id }
                        ids[name] = functions.count
                        functions.append(Function(name: name))
                        return functions.count - 1
                    }
                known[Int(location)] = found
                path += found
            }
            count(path, entry.value)
            paths.append((path, entry.value))
        }
    }

    private mutating func count(_ path: [Int], _ value: Int64) {
        for index in Set(path) {
            functions[index].total = functions[index].total.addingSaturating(value)
        }
        if let leaf = path.last {
            functions[leaf].own = functions[leaf].own.addingSaturating(value)
        }
    }

    /// Chooses the functions that are shown (`limit` 0 or less: all), and draws arrows between them.
    mutating func connect(keeping limit: Int) {
        let sorted = functions.indices.sorted { one, other in
            let (one, other) = (functions[one], functions[other])
            return (other.total, other.own, one.name) < (one.total, one.own, other.name)
        }
        kept = limit > 0 ? Array(sorted.prefix(limit)) : sorted
        let isKept = Set(kept)
        var found: [Pair: Edge] = [:]
        for (path, value) in paths {
            for (pair, isIndirect) in Self.pairs(path, isKept) {
                var edge =
                    found[pair]
                    ?? Edge(caller: pair.caller, callee: pair.callee, value: 0, isIndirect: false)
                edge.value = edge.value.addingSaturating(value)
                edge.isIndirect = edge.isIndirect || isIndirect
                found[pair] = edge
            }
        }
        edges = found.values.sorted {
            ($1.value, $0.caller, $0.callee) < ($0.value, $1.caller, $1.callee)
        }
    }

    private struct Pair: Hashable {
        let caller: Int
        let callee: Int
    }

    /// The calls of one stack, each once, and whether something lies between.
    private static func pairs(_ path: [Int], _ isKept: Set<Int>) -> [Pair: Bool] {
        var pairs: [Pair: Bool] = [:]
        var caller: Int?
        var hasGap = false
        for function in path {
            guard isKept.contains(function) else {
                hasGap = true
                continue
            }
            if let caller {
                let pair = Pair(caller: caller, callee: function)
                pairs[pair] = hasGap || pairs[pair] ?? false
            }
            caller = function
            hasGap = false
        }
        return pairs
    }
}
