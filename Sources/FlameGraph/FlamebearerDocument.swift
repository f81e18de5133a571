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

    private let graph: Flamebearer
    private let modules: FrameModules
    private let type: ProfileType
    private let timeline: Timeline?

    /// The profile's flame graph, cut to about `maximumNodes` (0: whole).
    package init(_ profile: MergedProfile, maximumNodes: Int = 0, timeline: Timeline? = nil) {
        graph = Flamebearer(profile, maximumNodes: maximumNodes)
        modules = FrameModules(graph, profile.table)
        type = profile.type
        self.timeline = timeline
    }

    package var json: String {
        var out = JSONText()
        out.raw("{\"version\":1,\"flamebearer\":{\"names\":")
        out.array(graph.names) { $0.string($1) }
        out.raw(",\"levels\":")
        out.array(graph.levels) { out, level in out.array(level) { $0.raw(String($1)) } }
        out.raw(",\"numTicks\":\(graph.numTicks),\"maxSelf\":\(graph.maxSelf),\"kinds\":")
        out.array(graph.kinds) { $0.raw(String($1)) }
        out.raw("},\"metadata\":{\"format\":\"single\",\"spyName\":\"hearth\",\"sampleRate\":")
        out.raw("\(sampleRate),\"units\":")
        out.string(units)
        out.raw(",\"name\":")
        out.string(type.sampleType)
        out.raw("},\"timeline\":")
        write(timeline, &out)
        out.raw(",\"groups\":null,\"heatmap\":null,\"frames\":")
        modules.write(to: &out)
        out.raw("}")
        return out.text
    }

    /// As Pyroscope's server says it: CPU is samples of a nanosecond.
    private var units: String {
        switch type.sampleType {
        case "cpu": "samples"
        case "inuse_objects", "alloc_objects", "goroutine", "samples": "objects"
        default: type.sampleUnit
        }
    }

    private var sampleRate: Int { type.sampleType == "cpu" ? 1_000_000_000 : 100 }

    private func write(_ timeline: Timeline?, _ out: inout JSONText) {
        guard let timeline else { return out.raw("null") }
        out.raw("{\"startTime\":\(timeline.startTime),\"samples\":")
        out.array(timeline.samples) { $0.raw(String($1)) }
        out.raw(",\"durationDelta\":\(timeline.durationDelta),\"watermarks\":null}")
    }
}
