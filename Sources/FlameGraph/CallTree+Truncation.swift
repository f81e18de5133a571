extension CallTree {
    /// A tree of about `limit` nodes: those smaller than the `limit` largest are merged, per parent,
    /// into a last child `other`, so that every total stays what it was. Ties are kept, so the
    /// result may be somewhat larger. 0 or less: no limit.
    package func truncated(to limit: Int) -> CallTree {
        guard limit > 0, nodes.count > limit else { return self }
        let smallest = nodes.map(\.total).sorted(by: >)[limit - 1]
        var names = names
        names.append(Self.otherName)
        var truncation = Truncation(
            source: nodes, smallest: smallest, other: Int32(names.count - 1))
        truncation.copy(0)
        return CallTree(names: names, nodes: truncation.result)
    }

    private struct Truncation {
        let source: [Node]
        let smallest: Int64
        let other: Int32
        var result: [Node] = []

        init(source: [Node], smallest: Int64, other: Int32) {
            self.source = source
            self.smallest = smallest
            self.other = other
        }

        /// Copies a node and what is large enough below it. Not recursive: stacks can be deep.
        mutating func copy(_ root: Int) {
            var pending: [Int64] = []  // by level: what the open node's children have lost
            var index = root
            while index < source.count {
                let node = source[index]
                close(to: Int(node.level), &pending)
                if node.total < smallest, node.level > 0 {
                    pending[Int(node.level) - 1] += node.total
                    index = endOfSubtree(index)
                    continue
                }
                result.append(node)
                pending.append(0)
                index += 1
            }
            close(to: 0, &pending)
        }

        /// Ends the open nodes of `level` and below, each with its `other` child if it lost any.
        private mutating func close(to level: Int, _ pending: inout [Int64]) {
            while pending.count > level {
                let lost = pending.removeLast()
                guard lost > 0 else { continue }
                result.append(
                    Node(name: other, level: Int32(pending.count + 1), total: lost, own: lost))
            }
        }

        private func endOfSubtree(_ index: Int) -> Int {
            var next = index + 1
            while next < source.count, source[next].level > source[index].level { next += 1 }
            return next
        }
    }
}
