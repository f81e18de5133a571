package import ProfileModel

/// Functions by the share they had themselves, and with all they called.
package struct TopTable: Sendable {
    package struct Row: Sendable {
        package let name: FrameName
        /// In the function itself.
        package let own: Int64
        /// In the function or below it; a stack counts once, however often the function is in it.
        package let total: Int64
    }

    /// Largest own value first.
    package let rows: [Row]
    package let total: Int64
    private let unit: String

    package init(_ profile: MergedProfile) {
        let names = profile.table.locations.map(\.frameNames)
        var own: [FrameName: Int64] = [:]
        var totals: [FrameName: Int64] = [:]
        for entry in profile.values {
            let stack = profile.table.stacks[Int(entry.stack)]
            var seen: Set<FrameName> = []
            for location in stack {
                for name in names[Int(location)] where seen.insert(name).inserted {
                    totals[name, default: 0] = totals[name, default: 0].addingSaturating(
                        entry.value)
                }
            }
            if let leaf = stack.first.flatMap({ names[Int($0)].last }) {
                own[leaf, default: 0] = own[leaf, default: 0].addingSaturating(entry.value)
            }
        }
        total = profile.total
        unit = profile.type.sampleUnit
        rows = totals.map { Row(name: $0.key, own: own[$0.key] ?? 0, total: $0.value) }.sorted {
            ($1.own, $1.total, $0.name) < ($0.own, $0.total, $1.name)
        }
    }

    /// The first `limit` rows for a terminal: self, total, name.
    package func text(rows limit: Int) -> String {
        var lines = [Self.line("self", "", "total", "", "function")]
        for row in rows.prefix(limit) {
            let kernel = row.name.kind == .kernel ? "_[k]" : ""
            lines.append(
                Self.line(
                    ReadableValue.text(row.own, unit: unit), percent(row.own),
                    ReadableValue.text(row.total, unit: unit), percent(row.total),
                    row.name.text + kernel))
        }
        if rows.count > limit { lines.append("… and \(rows.count - limit) more functions") }
        return lines.joined(separator: "\n")
    }

    private func percent(_ value: Int64) -> String {
        guard total > 0 else { return "-" }
        let tenths = (Double(value) * 1000 / Double(total)).rounded()
        return "\(Int(tenths) / 10).\(Int(tenths) % 10)%"
    }

    private static func line(
        _ own: String, _ ownShare: String, _ total: String, _ totalShare: String, _ name: String
    ) -> String {
        own.padded(to: 10) + ownShare.padded(to: 8) + total.padded(to: 11)
            + totalShare.padded(to: 8)
            + "  " + name
    }
}

extension String {
    /// Right-aligned.
    fileprivate func padded(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
