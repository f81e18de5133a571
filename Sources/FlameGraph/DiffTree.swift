/// Two call trees laid over each other: every path of either, with what both have there.
struct DiffTree {
    struct Node {
        /// Index into `names`.
        let name: Int32
        /// 0 for the root.
        let level: Int32
        var left: Side = Side()
        var right: Side = Side()
    }

    struct Side: Equatable {
        var total: Int64 = 0
        /// In the node itself: in no child.
        var own: Int64 = 0
    }

    private(set) var names: [FrameName] = []
    /// Depth first, siblings by name; the root stands first.
    private(set) var nodes: [Node] = []

    /// Both lists of nodes are in order of path, so they merge as sorted lists do.
    init(_ left: CallTree, _ right: CallTree) {
        let (leftNames, rightNames) = unite(left.names, right.names)
        nodes.reserveCapacity(max(left.nodes.count, right.nodes.count))
        var (i, j) = (0, 0)
        while i < left.nodes.count || j < right.nodes.count {
            let one = i < left.nodes.count ? left.nodes[i] : nil
            let other = j < right.nodes.count ? right.nodes[j] : nil
            let leftPlace = one.map { (-$0.level, leftNames[Int($0.name)]) }
            let rightPlace = other.map { (-$0.level, rightNames[Int($0.name)]) }
            // What lies deeper is still below the node before; of siblings, the name decides.
            let place = min(leftPlace ?? (.max, 0), rightPlace ?? (.max, 0), by: <)
            var node = Node(name: place.1, level: -place.0)
            if let one, let leftPlace, leftPlace == place {
                node.left = Side(total: one.total, own: one.own)
                i += 1
            }
            if let other, let rightPlace, rightPlace == place {
                node.right = Side(total: other.total, own: other.own)
                j += 1
            }
            nodes.append(node)
        }
    }

    private init(names: [FrameName], nodes: [Node]) {
        self.names = names
        self.nodes = nodes
    }

    /// As of a call tree; what either side has of a node decides.
    func truncated(to limit: Int) -> DiffTree {
        guard let cut = TreeTruncation.run(names: names, nodes: nodes, limit: limit) else {
            return self
        }
        return DiffTree(names: cut.names, nodes: cut.nodes)
    }

    /// Merges two sorted lists of names; gives the place of each name of both.
    private mutating func unite(
        _ left: [FrameName], _ right: [FrameName]
    ) -> (left: [Int32], right: [Int32]) {
        var (leftPlaces, rightPlaces): ([Int32], [Int32]) = ([], [])
        while leftPlaces.count < left.count || rightPlaces.count < right.count {
            let one = leftPlaces.count < left.count ? left[leftPlaces.count] : nil
            let other = rightPlaces.count < right.count ? right[rightPlaces.count] : nil
            guard let next = [one, other].compactMap({ $0 }).min() else { break }
            if one == next { leftPlaces.append(Int32(names.count)) }
            if other == next { rightPlaces.append(Int32(names.count)) }
            names.append(next)
        }
        return (leftPlaces, rightPlaces)
    }
}

private func min<T>(_ left: T, _ right: T, by precedes: (T, T) -> Bool) -> T {
    precedes(right, left) ? right : left
}

extension DiffTree.Node: TruncatedNode {
    var size: Int64 { max(left.total, right.total) }

    static func empty(_ name: Int32, level: Int32) -> Self { Self(name: name, level: level) }

    mutating func absorb(_ subtree: Self) {
        left.absorb(subtree.left)
        right.absorb(subtree.right)
    }
}

extension DiffTree.Side {
    fileprivate mutating func absorb(_ subtree: Self) {
        total = total.addingSaturating(subtree.total)
        own = own.addingSaturating(subtree.total)
    }
}
