package import ProfileModel

/// A flame graph and the table of functions as one page that needs nothing else: to save, to send.
package enum FlameGraphHTML {
    /// About as many bars as a browser draws at once while zooming.
    package static let defaultNodes = 65_536

    /// The whole file. It loads nothing, so it opens offline. The graph is cut to about
    /// `maximumNodes` (0: whole).
    package static func text(
        _ profile: MergedProfile, title: String, maximumNodes: Int = defaultNodes
    ) -> String {
        let tree = CallTree(profile).truncated(to: maximumNodes)
        let unit = profile.type.sampleUnit
        var data = JSONText()
        data.raw("{\"names\":")
        data.array(tree.names) { $0.string($1.text) }
        data.raw(",\"kinds\":")
        data.array(tree.names) { $0.raw(String($1.kind.rawValue)) }
        data.raw(",\"unit\":")
        data.string(unit)
        data.raw(",\"sides\":1,\"nodes\":")
        data.array(tree.nodes) { $0.raw("\($1.name),\($1.level),\($1.total),\($1.own)") }
        data.raw("}")
        let total = ReadableValue.text(tree.total, unit: unit)
        return page(
            title: title, summary: "\(total) · \(profile.type.id)", data: data,
            table: FunctionTable.html(TopTable(profile), unit: unit))
    }

    /// Two profiles of one type over each other, coloured by the change of each function's share.
    package static func text(
        left: MergedProfile, right: MergedProfile, title: String,
        maximumNodes: Int = defaultNodes
    ) -> String {
        let tree = DiffTree(CallTree(left), CallTree(right)).truncated(to: maximumNodes)
        let unit = left.type.sampleUnit
        var data = JSONText()
        data.raw("{\"names\":")
        data.array(tree.names) { $0.string($1.text) }
        data.raw(",\"kinds\":")
        data.array(tree.names) { $0.raw(String($1.kind.rawValue)) }
        data.raw(",\"unit\":")
        data.string(unit)
        data.raw(",\"sides\":2,\"nodes\":")
        data.array(tree.nodes) { out, node in
            out.raw("\(node.name),\(node.level),\(node.left.total),\(node.left.own),")
            out.raw("\(node.right.total),\(node.right.own)")
        }
        data.raw("}")
        let (before, after) = (tree.nodes[0].left.total, tree.nodes[0].right.total)
        let totals =
            "\(ReadableValue.text(before, unit: unit)) → \(ReadableValue.text(after, unit: unit))"
        return page(
            title: title,
            summary: "\(totals) · \(left.type.id) · blue: less, red: more than before",
            data: data, table: FunctionTable.html(TopTable(left), TopTable(right)))
    }

    private static func page(
        title: String, summary: String, data: JSONText, table: String
    ) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(MarkupText.escaped(title))</title>
        <style>
        \(FlameGraphPage.css)
        </style>
        </head>
        <body>
        <header>
        <h1><bdi>\(MarkupText.escaped(title))</bdi></h1>
        <p>\(MarkupText.escaped(summary))</p>
        <input id="search" type="search" placeholder="Search (regular expression)" \
        aria-label="Search functions" autocomplete="off" spellcheck="false">
        <button id="reset" type="button" hidden>Reset zoom</button>
        </header>
        <main>
        <svg id="graph" role="img" aria-label="Flame graph"></svg>
        <noscript><p>The flame graph is drawn by a script, which is off.</p></noscript>
        \(table)
        </main>
        <script id="data" type="application/json">\(MarkupText.harmless(data.text))</script>
        <script>
        \(FlameGraphPage.script)
        </script>
        </body>
        </html>

        """
    }
}
