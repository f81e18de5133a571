package import ProfileModel

/// Cuts stacks to their leaf-most frames, as Go's compiler wants a profile for its optimisations
/// (`StackTraceSelector.go_pgo` of Pyroscope's API).
package struct LeafFrames: Hashable, Sendable {
    /// Locations kept of each stack; 0 for all.
    package let kept: Int
    /// Whether the leaf is told apart by function only, so that all that runs inside it counts as one.
    package let leavesOutLeafLine: Bool

    package init(kept: Int, leavesOutLeafLine: Bool) {
        self.kept = kept
        self.leavesOutLeafLine = leavesOutLeafLine
    }

    /// The profile with its stacks cut; those that become equal are added.
    package func cut(_ profile: MergedProfile) -> MergedProfile {
        var table = StackTable()
        var values: [StackTable.StackID: Int64] = [:]
        for entry in profile.values {
            let whole = profile.table.locations(of: entry.stack)
            var stack: [StackTable.LocationID] = []
            for (depth, location) in (kept > 0 ? whole.prefix(kept) : whole[...]).enumerated() {
                let isBare = depth == 0 && leavesOutLeafLine
                stack.append(table.intern(isBare ? location.withoutLine : location))
            }
            let (sum, overflow) = values[table.intern(stack: stack), default: 0]
                .addingReportingOverflow(entry.value)
            values[table.intern(stack: stack)] = overflow ? .max : sum
        }
        return MergedProfile(
            type: profile.type, range: profile.range, period: profile.period, table: table,
            values: values.sorted { $0.key < $1.key }.map {
                StackValue(stack: $0.key, value: $0.value)
            })
    }
}

extension Location {
    /// The same without the number of its innermost line.
    fileprivate var withoutLine: Location {
        guard let innermost = lines.first else { return self }
        return Location(
            named: [Line(function: innermost.function)] + lines.dropFirst(), kind: kind,
            module: module, buildID: buildID)
    }
}
