package import ProfileModel

/// Pyroscope's flame graph of two profiles, laid over each other by name.
///
/// A bar is seven numbers: for the left profile distance from the end of the bar before it on the
/// same level (from 0 for the first), total, self; the same for the right one; index into `names`.
/// A bar that one side does not have has a total of 0 there.
package struct FlamebearerDiff: Sendable {
    package var names: [String] { frameNames.map(\.text) }
    let frameNames: [FrameName]
    /// Never empty: two empty profiles have the one bar `total` of 0.
    package let levels: [[Int64]]
    /// Both roots' totals together; saturates.
    package let total: Int64
    /// The largest self value of either side.
    package let maxSelf: Int64
    package let leftTicks: Int64
    package let rightTicks: Int64
    /// By name: the raw value of its `FrameKind`. Ours; Pyroscope's clients ignore it.
    package var kinds: [UInt8] { frameNames.map(\.kind.rawValue) }

    /// Cut to about `maximumNodes` (0: whole), by what either side has of a node.
    package init(left: MergedProfile, right: MergedProfile, maximumNodes: Int) {
        self.init(
            DiffTree(CallTree(left), CallTree(right)).truncated(to: maximumNodes))
    }

    init(_ tree: DiffTree) {
        var layout = Layout(tree)
        layout.run()
        frameNames = layout.names
        levels = layout.levels
        leftTicks = tree.nodes[0].left.total
        rightTicks = tree.nodes[0].right.total
        total = leftTicks.addingSaturating(rightTicks)
        maxSelf = tree.nodes.reduce(0) { max($0, $1.left.own, $1.right.own) }
    }

    /// One side of the levels, while they are laid out.
    private struct Row {
        /// By level: where the last bar ended, and where the next child of the open node begins.
        private var ends: [Int64] = []
        private var nextStarts: [Int64] = [0]

        mutating func place(_ side: DiffTree.Side, level: Int) -> [Int64] {
            if level == ends.count {
                ends.append(0)
                nextStarts.append(0)
            }
            let start = nextStarts[level]
            let offset = start &- ends[level]
            ends[level] = start.addingSaturating(side.total)
            nextStarts[level] = ends[level]
            // A node's own share is drawn first; its children follow it.
            nextStarts[level + 1] = start.addingSaturating(side.own)
            return [offset, side.total, side.own]
        }
    }

    private struct Layout {
        let tree: DiffTree
        var names: [FrameName] = []
        var levels: [[Int64]] = []
        private var nameIDs: [Int32: Int64] = [:]
        private var left = Row()
        private var right = Row()

        init(_ tree: DiffTree) { self.tree = tree }

        mutating func run() {
            for node in tree.nodes {
                let level = Int(node.level)
                if level == levels.count { levels.append([]) }
                levels[level] += left.place(node.left, level: level)
                levels[level] += right.place(node.right, level: level)
                levels[level].append(id(of: node.name))
            }
        }

        private mutating func id(of name: Int32) -> Int64 {
            if let id = nameIDs[name] { return id }
            let id = Int64(names.count)
            names.append(tree.names[Int(name)])
            nameIDs[name] = id
            return id
        }
    }
}
