package import ProfileModel

/// The document around a flame graph that `/pyroscope/render` answers and `record -o x.json` writes.
package struct FlamebearerDocument: Sendable {
    /// Values per step of time; what the page's time line draws.
    package struct Timeline: Sendable {
        /// Unix seconds of the first sample.
        package let startTime: Int64
        package let samples: [Int64]
        /// Seconds per sample.
        package let durationDelta: Int64

        package init(startTime: Int64, samples: [Int64], durationDelta: Int64) {
            self.startTime = startTime
            self.samples = samples
            self.durationDelta = durationDelta
        }
    }

    /// The time line of the series that have one value of a label; nil: that lack the label.
    package struct Group: Sendable {
        package let value: String?
        package let timeline: Timeline

        package init(value: String?, timeline: Timeline) {
            self.value = value
            self.timeline = timeline
        }
    }

    /// What was asked for, as Pyroscope 0.x repeated it.
    package struct Query: Sendable {
        package let application: String
        package let text: String
        /// Unix seconds.
        package let startTime: Int64
        package let endTime: Int64
        package let maximumNodes: Int

        package init(
            application: String, text: String, startTime: Int64, endTime: Int64, maximumNodes: Int
        ) {
            self.application = application
            self.text = text
            self.startTime = startTime
            self.endTime = endTime
            self.maximumNodes = maximumNodes
        }
    }

    private let graph: Flamebearer
    private let modules: FrameModules
    private let metadata: FlamebearerMetadata
    private let timeline: Timeline?
    private let groups: [Group]?

    /// The profile's flame graph, cut to about `maximumNodes` (0: whole).
    package init(
        _ profile: MergedProfile, maximumNodes: Int = 0, timeline: Timeline? = nil,
        groups: [Group]? = nil, query: Query? = nil
    ) {
        graph = Flamebearer(profile, maximumNodes: maximumNodes)
        modules = FrameModules(graph.frameNames, [profile.table])
        metadata = FlamebearerMetadata(type: profile.type, format: "single", query: query)
        self.timeline = timeline
        self.groups = groups
    }

    package var json: String {
        var out = JSONText()
        out.raw("{\"version\":1,\"flamebearer\":{\"names\":")
        out.array(graph.names) { $0.string($1) }
        out.raw(",\"levels\":")
        out.array(graph.levels) { out, level in out.array(level) { $0.raw(String($1)) } }
        out.raw(",\"numTicks\":\(graph.numTicks),\"maxSelf\":\(graph.maxSelf),\"kinds\":")
        out.array(graph.kinds) { $0.raw(String($1)) }
        out.raw("},\"metadata\":")
        metadata.write(to: &out)
        out.raw(",\"timeline\":")
        write(timeline, &out)
        out.raw(",\"groups\":")
        writeGroups(&out)
        out.raw(",\"heatmap\":null,\"frames\":")
        modules.write(to: &out)
        out.raw("}")
        return out.text
    }

    private func write(_ timeline: Timeline?, _ out: inout JSONText) {
        guard let timeline else { return out.raw("null") }
        out.raw("{\"startTime\":\(timeline.startTime),\"samples\":")
        out.array(timeline.samples) { $0.raw(String($1)) }
        out.raw(",\"durationDelta\":\(timeline.durationDelta),\"watermarks\":null}")
    }

    /// By value; `*` for what lacks the label. A value that is itself `*` is the same key, once.
    private func writeGroups(_ out: inout JSONText) {
        guard let groups else { return out.raw("null") }
        var known: Set<String> = []
        out.raw("{")
        for group in groups where known.insert(group.value ?? "*").inserted {
            if known.count > 1 { out.raw(",") }
            out.string(group.value ?? "*")
            out.raw(":")
            write(group.timeline, &out)
        }
        out.raw("}")
    }
}
