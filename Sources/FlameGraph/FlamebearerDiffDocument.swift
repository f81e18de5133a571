package import ProfileModel

/// The document around a difference that `/pyroscope/render-diff` answers.
package struct FlamebearerDiffDocument: Sendable {
    private let graph: FlamebearerDiff
    private let modules: FrameModules
    private let metadata: FlamebearerMetadata

    /// Of two profiles of one type, cut to about `maximumNodes` (0: whole).
    package init(left: MergedProfile, right: MergedProfile, maximumNodes: Int = 0) {
        graph = FlamebearerDiff(left: left, right: right, maximumNodes: maximumNodes)
        modules = FrameModules(graph.frameNames, [left.table, right.table])
        metadata = FlamebearerMetadata(type: left.type, format: "double")
    }

    package var json: String {
        var out = JSONText()
        out.raw("{\"version\":1,\"flamebearer\":{\"names\":")
        out.array(graph.names) { $0.string($1) }
        out.raw(",\"levels\":")
        out.array(graph.levels) { out, level in out.array(level) { $0.raw(String($1)) } }
        out.raw(",\"numTicks\":\(graph.total),\"maxSelf\":\(graph.maxSelf),\"kinds\":")
        out.array(graph.kinds) { $0.raw(String($1)) }
        out.raw("},\"metadata\":")
        metadata.write(to: &out)
        out.raw(",\"timeline\":null,\"groups\":null,\"heatmap\":null")
        out.raw(",\"leftTicks\":\(graph.leftTicks),\"rightTicks\":\(graph.rightTicks),\"frames\":")
        modules.write(to: &out)
        out.raw("}")
        return out.text
    }
}
