package import ProfileModel

/// Pyroscope's flame graph: levels of bars.
///
/// Level 0 is the root, `total`. A bar is four numbers: distance from the end of the bar before it
/// on the same level (from 0 for the first), total, self, index into `names`.
package struct Flamebearer: Sendable {
    package var names: [String] { frameNames.map(\.text) }
    let frameNames: [FrameName]
    /// Never empty: an empty profile has the one bar `total` of 0.
    package let levels: [[Int64]]
    /// The root's total.
    package let numTicks: Int64
    package let maxSelf: Int64
    /// By name: the raw value of its `FrameKind`. Ours; Pyroscope's clients ignore it.
    package var kinds: [UInt8] { frameNames.map(\.kind.rawValue) }

    /// The profile's call tree, cut to about `maximumNodes` (0: whole).
    package init(_ profile: MergedProfile, maximumNodes: Int = 0) {
        self.init(CallTree(profile).truncated(to: maximumNodes))
    }

    package init(_ tree: CallTree) {
        var layout = Layout(tree)
        layout.run()
        frameNames = layout.names
        levels = layout.levels
        numTicks = tree.total
        maxSelf = tree.nodes.reduce(0) { max($0, $1.own) }
    }

    private struct Layout {
        let tree: CallTree
        var names: [FrameName] = []
        var levels: [[Int64]] = []
        private var nameIDs: [Int32: Int64] = [:]
        /// By level: where the last bar ended, and where the next child of the open node begins.
        private var ends: [Int64] = []
        private var nextStarts: [Int64] = [0]

        init(_ tree: CallTree) { self.tree = tree }

        mutating func run() {
            for node in tree.nodes {
                let level = Int(node.level)
                if level == levels.count {
                    levels.append([])
                    ends.append(0)
                }
                let start = nextStarts[level]
                let end = start.addingSaturating(node.total)
                levels[level] += [start &- ends[level], node.total, node.own, id(of: node.name)]
                ends[level] = end
                nextStarts[level] = end
                // A node's own share is drawn first; its children follow it.
                if nextStarts.count == level + 1 { nextStarts.append(0) }
                nextStarts[level + 1] = start.addingSaturating(node.own)
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
