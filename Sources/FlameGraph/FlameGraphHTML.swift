package import ProfileModel

/// A flame graph and the table of functions as one page that needs nothing else: to save, to send.
package enum FlameGraphHTML {
    /// Rows of the table.
    private static let rows = 200

    /// The whole file. It loads nothing, so it opens offline.
    package static func text(_ profile: MergedProfile, title: String) -> String {
        let tree = CallTree(profile)
        let unit = profile.type.sampleUnit
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(MarkupText.escaped(title))</title>
            <style>
            \(FlameGraphStyle.barCSS)
            \(FlameGraphStyle.pageCSS)
            </style>
            </head>
            <body>
            <header>
            <h1><bdi>\(MarkupText.escaped(title))</bdi></h1>
            <p>\(MarkupText.escaped(ReadableValue.text(tree.total, unit: unit))) \
            <span class="type">\(MarkupText.escaped(profile.type.id))</span></p>
            <input id="search" type="search" placeholder="Search (regular expression)" \
            aria-label="Search functions" autocomplete="off" spellcheck="false">
            <button id="reset" type="button" hidden>Reset zoom</button>
            </header>
            <main>
            \(tree.total > 0 ? FlameGraphSVG.element(tree, unit: unit) : "<p>No data.</p>")
            \(table(TopTable(profile), unit: unit))
            </main>
            <script>
            \(FlameGraphStyle.zoomScript)
            \(FlameGraphStyle.pageScript)
            </script>
            </body>
            </html>

            """
    }

    private static func table(_ table: TopTable, unit: String) -> String {
        guard !table.rows.isEmpty else { return "" }
        let rows = table.rows.prefix(Self.rows).map { row in
            let name = MarkupText.escaped(row.name.text)
            let kernel = row.name.kind == .kernel ? " <small>kernel</small>" : ""
            return "<tr><td>\(value(row.own, unit))</td><td>\(share(row.own, table.total))</td>"
                + "<td>\(value(row.total, unit))</td><td>\(share(row.total, table.total))</td>"
                + "<td class=\"name\"><bdi>\(name)</bdi>\(kernel)</td></tr>\n"
        }
        let more = table.rows.count - rows.count
        return """
            <table>
            <thead><tr><th colspan="2">Self</th><th colspan="2">Total</th>\
            <th class="name">Function</th></tr></thead>
            <tbody>
            \(rows.joined())</tbody>
            </table>
            \(more > 0 ? "<p>… and \(more) more functions</p>" : "")
            """
    }

    private static func value(_ value: Int64, _ unit: String) -> String {
        MarkupText.escaped(ReadableValue.text(value, unit: unit))
    }

    private static func share(_ value: Int64, _ total: Int64) -> String {
        guard total > 0 else { return "-" }
        let tenths = Int((Double(value) * 1000 / Double(total)).rounded())
        return "\(tenths / 10).\(tenths % 10) %"
    }
}
