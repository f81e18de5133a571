import ProfileModel

/// The functions of a page's flame graph, as HTML.
enum FunctionTable {
    /// Rows of the table; the rest is counted.
    private static let limit = 200

    static func html(_ table: TopTable, unit: String) -> String {
        let rows = table.rows.prefix(limit).map { row in
            let cells = [
                ReadableValue.text(row.own, unit: unit), share(row.own, of: table.total),
                ReadableValue.text(row.total, unit: unit), share(row.total, of: table.total),
            ]
            return line(cells, row.name)
        }
        return element(
            rows, of: table.rows.count,
            head: "<th colspan=\"2\">Self</th><th colspan=\"2\">Total</th>")
    }

    /// By the change of a function's share of the whole, the largest first.
    static func html(_ left: TopTable, _ right: TopTable) -> String {
        var shares: [FrameName: (before: Double, after: Double)] = [:]
        for row in left.rows { shares[row.name] = (ratio(row.total, of: left.total), 0) }
        for row in right.rows {
            shares[row.name, default: (0, 0)].after = ratio(row.total, of: right.total)
        }
        let sorted = shares.sorted { one, other in
            let changes = (
                abs(one.value.after - one.value.before), abs(other.value.after - other.value.before)
            )
            return changes.0 != changes.1 ? changes.0 > changes.1 : one.key < other.key
        }
        let rows = sorted.prefix(limit).map { name, share in
            let change = percent(share.after - share.before)
            return line(
                [
                    percent(share.before), percent(share.after),
                    share.after > share.before ? "+\(change)" : change,
                ], name)
        }
        return element(
            rows, of: sorted.count, head: "<th>Before</th><th>After</th><th>Change</th>")
    }

    private static func element(_ rows: [String], of count: Int, head: String) -> String {
        guard !rows.isEmpty else { return "<p>No data.</p>" }
        let more = count > rows.count ? "<p>… and \(count - rows.count) more functions</p>" : ""
        return """
            <table>
            <thead><tr>\(head)<th class="name">Function</th></tr></thead>
            <tbody>
            \(rows.joined())</tbody>
            </table>
            \(more)
            """
    }

    private static func line(_ cells: [String], _ name: FrameName) -> String {
        let kernel = name.kind == .kernel ? " <small>kernel</small>" : ""
        return "<tr>" + cells.map { "<td>\(MarkupText.escaped($0))</td>" }.joined()
            + "<td class=\"name\"><bdi>\(MarkupText.escaped(name.text))</bdi>\(kernel)</td></tr>\n"
    }

    private static func ratio(_ value: Int64, of total: Int64) -> Double {
        total > 0 ? Double(value) / Double(total) : 0
    }

    private static func share(_ value: Int64, of total: Int64) -> String {
        percent(ratio(value, of: total))
    }

    /// With two digits behind the point.
    private static func percent(_ ratio: Double) -> String {
        let hundredths = Int((min(max(ratio, -1), 1) * 10_000).rounded())
        let rest = abs(hundredths % 100)
        let sign = hundredths < 0 ? "-" : ""
        return "\(sign)\(abs(hundredths / 100)).\(rest < 10 ? "0" : "")\(rest) %"
    }
}
