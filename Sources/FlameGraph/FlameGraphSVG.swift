package import ProfileModel

/// A flame graph as one self-contained SVG: hover names a bar, a click zooms, Ctrl-F searches.
package struct FlameGraphSVG {
    private let tree: CallTree
    private let title: String
    private let unit: String

    private static let width = 1200.0
    private static let rowHeight = 17.0
    private static let margin = 10.0
    private static let headHeight = 42.0
    /// Narrower bars cannot be seen, and make files large.
    private static let narrowest = 0.3

    /// The whole file.
    package static func text(_ profile: MergedProfile, title: String) -> String {
        FlameGraphSVG(profile, title: title).text
    }

    private init(_ profile: MergedProfile, title: String) {
        tree = CallTree(profile)
        self.title = title
        unit = profile.type.sampleUnit
    }

    private var text: String {
        let bars = layOut()
        let depth = Double((bars.map(\.level).max() ?? 0) + 1)
        let height = Self.headHeight + depth * Self.rowHeight + Self.margin
        var svg = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Int(Self.width))" \
            height="\(Int(height))" viewBox="0 0 \(Int(Self.width)) \(Int(height))">
            <style>\(FlameGraphStyle.css)</style>
            <rect class="paper" width="100%" height="100%"/>
            <text class="title" x="\(Self.number(Self.margin))" y="26">\(MarkupText.escaped(title))</text>
            <text id="reset" class="control" x="\(Self.number(Self.width - 220))" y="26" \
            hidden="hidden">Reset zoom</text>
            <text id="search" class="control" x="\(Self.number(Self.width - 110))" y="26">Search</text>
            <g id="bars">

            """
        for bar in bars { svg += element(bar) }
        svg += "</g>\n<script><![CDATA[\n\(FlameGraphStyle.script)]]></script>\n</svg>\n"
        return svg
    }

    private struct Bar {
        let node: CallTree.Node
        let start: Double
        let width: Double
        var level: Int { Int(node.level) }
    }

    /// Root on top; a node's children begin where it does, what it spent itself is to their right.
    private func layOut() -> [Bar] {
        guard tree.total > 0 else { return [] }
        let scale = (Self.width - 2 * Self.margin) / Double(tree.total)
        var nextStarts = [Self.margin]
        var bars: [Bar] = []
        for node in tree.nodes {
            let level = Int(node.level)
            let start = nextStarts[level]
            let width = Double(node.total) * scale
            nextStarts[level] = start + width
            if nextStarts.count == level + 1 { nextStarts.append(0) }
            nextStarts[level + 1] = start
            if width >= Self.narrowest { bars.append(Bar(node: node, start: start, width: width)) }
        }
        return bars
    }

    private func element(_ bar: Bar) -> String {
        let name = tree.names[Int(bar.node.name)]
        let y = Self.headHeight + Double(bar.level) * Self.rowHeight
        let share = Double(bar.node.total) * 100 / Double(tree.total)
        let label = MarkupText.escaped(name.text)
        let hover =
            "\(label) — \(ReadableValue.text(bar.node.total, unit: unit)), \(Self.number(share)) %"
        // About 6.6 units per character of this font; what does not fit is cut by the script too.
        let room = Int((bar.width - 6) / 6.6)
        let shown =
            room < 3
            ? ""
            : name.text.count <= room
                ? label
                : MarkupText.escaped(String(name.text.prefix(room - 1))) + "…"
        return """
            <g class="\(Self.style(of: name))"><title>\(hover)</title>\
            <rect x="\(Self.number(bar.start))" y="\(Self.number(y))" \
            width="\(Self.number(bar.width))" height="\(Self.number(Self.rowHeight - 1))" rx="2"/>\
            <text x="\(Self.number(bar.start + 3))" y="\(Self.number(y + 12))">\(shown)</text></g>

            """
    }

    /// The kind decides the hue, the name one of four shades, so that neighbours differ.
    private static func style(of name: FrameName) -> String {
        let shade = name.text.utf8.reduce(UInt32(5381)) { ($0 &* 33) ^ UInt32($1) } % 4
        let kind =
            switch name.kind {
            case .native: "n"
            case .kernel: "k"
            case .interpreted: "i"
            case .jit: "j"
            case .stopReason: "s"
            }
        return "\(kind)\(shade)"
    }

    private static func number(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        if rest == 0 { return "\(hundredths / 100)" }
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
