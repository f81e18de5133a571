package import ProfileModel

/// The stacks of a profile, merged from the root: what a flame graph draws.
///
/// Nodes lie in one array, depth first: a node's children follow it, and its subtree ends where the
/// next node of its level or above begins.
package struct CallTree: Sendable {
    package struct Node: Sendable {
        /// Index into `names`.
        package var name: Int32
        /// 0 for the root.
        package var level: Int32
        package var total: Int64
        /// What was spent in the node itself: in no child.
        package var own: Int64
    }

    /// Sorted; the root's name, `total`, is `names[nodes[0].name]`.
    package let names: [FrameName]
    /// Never empty: the root stands first.
    package private(set) var nodes: [Node]

    package var total: Int64 { nodes[0].total }

    static let rootName = FrameName("total", kind: .native)
    static let otherName = FrameName("other", kind: .native)

    init(names: [FrameName], nodes: [Node]) {
        self.names = names
        self.nodes = nodes
    }

    /// Merges the stacks of a profile. Built by sorting whole stacks and comparing neighbours, for a
    /// hash map per node costs four times as much (reference: the store's measurements).
    package init(_ profile: MergedProfile) {
        var naming = PathNaming(profile.table)
        var paths: [(path: [Int32], value: Int64)] = []
        paths.reserveCapacity(profile.values.count)
        for entry in profile.values where entry.value != 0 {
            paths.append((naming.path(of: entry.stack), entry.value))
        }
        let (names, order) = naming.sortedNames()
        for index in paths.indices {
            for depth in paths[index].path.indices {
                paths[index].path[depth] = order[Int(paths[index].path[depth])]
            }
        }
        paths.sort { $0.path.lexicographicallyPrecedes($1.path) }
        self.names = names
        nodes = [Node(name: order[PathNaming.root], level: 0, total: 0, own: 0)]
        merge(paths)
    }

    private mutating func merge(_ paths: [(path: [Int32], value: Int64)]) {
        var open = [0]  // the nodes from the root to the last path's leaf
        var previous: [Int32] = []
        for (path, value) in paths {
            var shared = 0
            while shared < path.count, shared < previous.count, path[shared] == previous[shared] {
                shared += 1
            }
            open.removeSubrange((shared + 1)...)
            for depth in shared..<path.count {
                open.append(nodes.count)
                nodes.append(Node(name: path[depth], level: Int32(depth + 1), total: 0, own: 0))
            }
            for node in open { nodes[node].total = nodes[node].total.addingSaturating(value) }
            nodes[open[open.count - 1]].own = nodes[open[open.count - 1]].own.addingSaturating(
                value)
            previous = path
        }
    }

    /// The index behind the last node of a node's subtree.
    package func end(of index: Int) -> Int {
        var next = index + 1
        while next < nodes.count, nodes[next].level > nodes[index].level { next += 1 }
        return next
    }
}

extension Int64 {
    /// Sums of profiles saturate: a wrapped total would be a lie that looks like a fact.
    package func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }
}

/// Turns stacks of location ids into paths of name ids, each location looked at once.
private struct PathNaming {
    static let root = 0
    private var names = [CallTree.rootName]
    private var ids: [FrameName: Int32] = [:]
    private var functionIDs: [FunctionKey: Int32] = [:]
    private var known: [[Int32]?]
    private let table: StackTable

    init(_ table: StackTable) {
        self.table = table
        known = [[Int32]?](repeating: nil, count: table.locations.count)
    }

    /// From the root to the leaf.
    mutating func path(of stack: StackTable.StackID) -> [Int32] {
        var path: [Int32] = []
        for location in table.stacks[Int(stack)].reversed() { path += ids(of: location) }
        return path
    }

    /// The names in order, and each id's place in it.
    func sortedNames() -> (names: [FrameName], order: [Int32]) {
        let sorted = names.indices.sorted { names[$0] < names[$1] }
        var order = [Int32](repeating: 0, count: names.count)
        for (place, id) in sorted.enumerated() { order[id] = Int32(place) }
        return (sorted.map { names[$0] }, order)
    }

    private mutating func ids(of location: StackTable.LocationID) -> [Int32] {
        if let ids = known[Int(location)] { return ids }
        let lines = table.lines(of: location)
        let kind = table.locationKinds[Int(location)]
        // From functions' numbers where there are any: no name is hashed for each of its lines.
        let found =
            lines.isEmpty
            ? table.locations[Int(location)].frameNames.map { id(of: $0) }
            : lines.reversed().map { id(of: table.lineFunctions[$0], kind) }
        known[Int(location)] = found
        return found
    }

    private mutating func id(of function: Int32, _ kind: FrameKind) -> Int32 {
        let key = FunctionKey(function: function, kind: kind)
        if let id = functionIDs[key] { return id }
        let id = id(of: FrameName(table.functions[Int(function)].name, kind: kind))
        functionIDs[key] = id
        return id
    }

    private struct FunctionKey: Hashable {
        let function: Int32
        let kind: FrameKind
    }

    private mutating func id(of name: FrameName) -> Int32 {
        if let id = ids[name] { return id }
        let id = Int32(names.count)
        names.append(name)
        ids[name] = id
        return id
    }
}
