package import ProfileModel

/// Who calls whom, for Graphviz: functions as boxes, calls as arrows, as `go tool pprof -dot` draws
/// them.
package enum DotGraph {
    /// The `maximumNodes` functions with the largest totals (0 or less: all). An arrow over functions
    /// left out is dotted. Empty text for an empty profile, as Pyroscope answers.
    package static func text(_ profile: MergedProfile, maximumNodes: Int) -> String {
        var graph = CallGraph(profile)
        guard !graph.functions.isEmpty else { return "" }
        graph.connect(keeping: maximumNodes)
        return Drawing(graph, unit: profile.type.sampleUnit, title: profile.type.id).text
    }

    private struct Drawing {
        let graph: CallGraph
        let unit: String
        let title: String

        init(_ graph: CallGraph, unit: String, title: String) {
            self.graph = graph
            self.unit = unit
            self.title = title
        }

        var text: String {
            var dot = """
                digraph \(DotGraph.quoted(title)) {
                node [shape=box style=filled fontname="sans-serif"]
                edge [fontname="sans-serif" fontsize=9]

                """
            for index in graph.kept { dot += node(index) }
            for edge in graph.edges { dot += arrow(edge) }
            return dot + "}\n"
        }

        private func node(_ index: Int) -> String {
            let function = graph.functions[index]
            let lines = [
                DotGraph.shortened(function.name.text),
                "\(value(function.own)) (\(share(function.own)))",
                "of \(value(function.total)) (\(share(function.total)))",
            ]
            // From 8 to 24 points, by area.
            let size = 8 + Int((16 * ratio(function.own).squareRoot()).rounded())
            return
                "N\(index) [label=\(DotGraph.quoted(lines.joined(separator: "\n"))) "
                + "tooltip=\(DotGraph.quoted(function.name.text)) fontsize=\(size) "
                + "fillcolor=\"\(color(function))\"]\n"
        }

        private func arrow(_ edge: CallGraph.Edge) -> String {
            let width = 1 + Int((4 * ratio(edge.value)).rounded())
            return
                "N\(edge.caller) -> N\(edge.callee) [label=\(DotGraph.quoted(" " + value(edge.value))) "
                + "weight=\(1 + Int(ratio(edge.value) * 100)) penwidth=\(width)"
                + (edge.isIndirect ? " style=dotted" : "") + "]\n"
        }

        /// Kernel functions blue, others from pale to orange by what they have themselves and below.
        private func color(_ function: CallGraph.Function) -> String {
            let shades =
                function.name.kind == .kernel
                ? ["#eef4fa", "#d5e4f2", "#b5d0e8", "#8fb8de"]
                : ["#fdf4ea", "#fbe5cc", "#f7cfa2", "#f2a65a"]
            return shades[min(3, Int(ratio(function.total) * 4))]
        }

        private func value(_ value: Int64) -> String { ReadableValue.text(value, unit: unit) }

        private func share(_ value: Int64) -> String {
            let tenths = Int((ratio(value) * 1000).rounded())
            return "\(tenths / 10).\(tenths % 10) %"
        }

        /// From 0 to 1.
        private func ratio(_ value: Int64) -> Double {
            graph.total > 0 ? min(max(Double(value) / Double(graph.total), 0), 1) : 0
        }
    }

    /// Template names fill screens.
    private static func shortened(_ name: String) -> String {
        name.count <= 80 ? name : String(name.prefix(79)) + "…"
    }

    /// A quoted string of the DOT language, in which backslashes and HTML entities mean something.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "&": result += "&amp;"
            case "\n": result += "\\n"
            case let control where control.value < 0x20 || control.value == 0x7f: result += "?"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
