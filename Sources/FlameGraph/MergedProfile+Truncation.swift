package import ProfileModel

extension MergedProfile {
    /// The profile cut as its call tree is by `CallTree.truncated(to:)`: what is below a node that goes
    /// ends in one frame `other`. Every total stays. 0 or less: no limit.
    package func truncated(to limit: Int) -> MergedProfile {
        let tree = CallTree(self)
        guard limit > 0, tree.nodes.count > limit else { return self }
        let cut = StackCut(tree, limit: limit)
        var table = StackTable()
        var sums: [StackTable.StackID: Int64] = [:]
        for entry in values where entry.value != 0 {
            let stack = cut.cut(self.table.locations(of: entry.stack)).map { table.intern($0) }
            let id = table.intern(stack: stack)
            sums[id] = (sums[id] ?? 0).addingSaturating(entry.value)
        }
        return MergedProfile(
            type: type, range: range, period: period, table: table,
            values: sums.map { StackValue(stack: $0.key, value: $0.value) })
    }
}

/// Cuts stacks where their path leaves the large nodes of a call tree.
private struct StackCut {
    private let nodes: [CallTree.Node]
    private let smallest: Int64
    private let index: PathIndex
    private let other: Location

    init(_ tree: CallTree, limit: Int) {
        nodes = tree.nodes
        smallest = tree.nodes.map(\.total).sorted(by: >)[limit - 1]
        index = PathIndex(tree)
        let line = Line(function: Function(name: CallTree.otherName.text))
        other = Location(named: [line], kind: CallTree.otherName.kind, module: "")
    }

    /// Leaf first, as the stack.
    func cut(_ stack: [Location]) -> [Location] {
        var kept: [Location] = []
        var place = 0
        for location in stack.reversed() {
            let names = location.frameNames
            var count = 0
            while count < names.count, let child = index.child(of: place, named: names[count]),
                nodes[child].total >= smallest
            {
                place = child
                count += 1
            }
            if count > 0 { kept.append(location.keeping(outermost: count)) }
            guard count == names.count else {
                kept.append(other)
                break
            }
        }
        return kept.reversed()
    }
}

extension Location {
    /// Without the innermost functions.
    fileprivate func keeping(outermost count: Int) -> Location {
        guard count < lines.count else { return self }
        return Location(
            named: Array(lines.suffix(count)), kind: kind, module: module, buildID: buildID)
    }
}

/// Nodes of a call tree by parent and name.
private struct PathIndex {
    private struct Key: Hashable {
        let parent: Int
        let name: FrameName
    }

    private var nodes: [Key: Int] = [:]

    init(_ tree: CallTree) {
        var path: [Int] = []
        for (index, node) in tree.nodes.enumerated() {
            path.removeSubrange(Int(node.level)...)
            if let parent = path.last {
                nodes[Key(parent: parent, name: tree.names[Int(node.name)])] = index
            }
            path.append(index)
        }
    }

    func child(of parent: Int, named name: FrameName) -> Int? {
        nodes[Key(parent: parent, name: name)]
    }
}
