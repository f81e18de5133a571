extension CallTree {
    /// A tree of about `limit` nodes: those smaller than the `limit` largest are merged, per parent,
    /// into a last child `other`, so that every total stays what it was. Ties are kept, so the
    /// result may be somewhat larger. 0 or less: no limit.
    package func truncated(to limit: Int) -> CallTree {
        guard let cut = TreeTruncation.run(names: names, nodes: nodes, limit: limit) else {
            return self
        }
        return CallTree(names: cut.names, nodes: cut.nodes)
    }
}

extension CallTree.Node: TruncatedNode {
    var size: Int64 { total }

    static func empty(_ name: Int32, level: Int32) -> Self {
        Self(name: name, level: level, total: 0, own: 0)
    }

    mutating func absorb(_ subtree: Self) {
        total = total.addingSaturating(subtree.total)
        own = own.addingSaturating(subtree.total)
    }
}

/// A node of a tree that can be cut.
protocol TruncatedNode {
    var name: Int32 { get }
    /// 0 for the root.
    var level: Int32 { get }
    /// What decides whether it stays.
    var size: Int64 { get }

    static func empty(_ name: Int32, level: Int32) -> Self
    /// Takes all of a subtree, given by its topmost node, as its own.
    mutating func absorb(_ subtree: Self)
}

/// Cuts trees whose nodes lie depth first in one array.
struct TreeTruncation<Node: TruncatedNode> {
    private let source: [Node]
    private let smallest: Int64
    private let other: Int32
    private var result: [Node] = []
    /// By level: what the open node's children have lost.
    private var pending: [Node?] = []

    /// Nil when nothing has to be cut.
    static func run(
        names: [FrameName], nodes: [Node], limit: Int
    ) -> (names: [FrameName], nodes: [Node])? {
        guard limit > 0, nodes.count > limit else { return nil }
        let smallest = nodes.map(\.size).sorted(by: >)[limit - 1]
        var names = names
        // A function of that name, or what a store has cut already, is the same `other`.
        let known = names.firstIndex(of: CallTree.otherName)
        if known == nil { names.append(CallTree.otherName) }
        var truncation = Self(
            source: nodes, smallest: smallest, other: Int32(known ?? names.count - 1))
        truncation.copy()
        return (names, truncation.result)
    }

    private init(source: [Node], smallest: Int64, other: Int32) {
        self.source = source
        self.smallest = smallest
        self.other = other
    }

    /// Copies what is large enough. Not recursive: stacks can be deep.
    private mutating func copy() {
        var index = 0
        while index < source.count {
            let node = source[index]
            let level = Int(node.level)
            close(to: level)
            if level > 0, node.size < smallest || (node.name == other && isLeaf(index)) {
                var lost = pending[level - 1] ?? .empty(other, level: node.level)
                lost.absorb(node)
                pending[level - 1] = lost
                index = endOfSubtree(index)
                continue
            }
            result.append(node)
            pending.append(nil)
            index += 1
        }
        close(to: 0)
    }

    /// Ends the open nodes of `level` and below, each with its `other` child if it lost any.
    private mutating func close(to level: Int) {
        while pending.count > level {
            if let lost = pending.removeLast() { result.append(lost) }
        }
    }

    private func isLeaf(_ index: Int) -> Bool {
        index + 1 == source.count || source[index + 1].level <= source[index].level
    }

    private func endOfSubtree(_ index: Int) -> Int {
        var next = index + 1
        while next < source.count, source[next].level > source[index].level { next += 1 }
        return next
    }
}
