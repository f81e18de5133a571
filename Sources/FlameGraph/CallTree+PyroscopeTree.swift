extension CallTree {
    /// The tree as Pyroscope's servers pass it on (`PROFILE_FORMAT_TREE`).
    ///
    ///     node: length of the name, name, own value, number of children (numbers as ULEB128)
    ///
    /// Depth first, the last sibling first, from a root with an empty name. No bytes at all for an
    /// empty tree. Readers of it know no negative values: those are 0.
    package var pyroscopeTree: [UInt8] {
        guard nodes.count > 1 || nodes[0].own != 0 else { return [] }
        let children = childrenOfNodes()
        var bytes: [UInt8] = []
        var open = [0]
        while let index = open.popLast() {
            let name = index == 0 ? "" : names[Int(nodes[index].name)].text
            Self.append(UInt64(name.utf8.count), to: &bytes)
            bytes += Array(name.utf8)
            Self.append(UInt64(max(0, nodes[index].own)), to: &bytes)
            Self.append(UInt64(children[index].count), to: &bytes)
            open += children[index]
        }
        return bytes
    }

    /// By node: its children, in order.
    private func childrenOfNodes() -> [[Int]] {
        var children = [[Int]](repeating: [], count: nodes.count)
        var path: [Int] = []
        for (index, node) in nodes.enumerated() {
            path.removeSubrange(Int(node.level)...)
            if let parent = path.last { children[parent].append(index) }
            path.append(index)
        }
        return children
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
