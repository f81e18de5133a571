import ProfileModel

/// What the document says about its flame graph.
struct FlamebearerMetadata {
    let type: ProfileType
    /// `single`, or `double` for two profiles.
    let format: String
    var query: FlamebearerDocument.Query?

    func write(to out: inout JSONText) {
        out.raw("{\"format\":\"\(format)\",\"spyName\":\"hearth\",\"sampleRate\":\(sampleRate)")
        out.raw(",\"units\":")
        out.string(units)
        out.raw(",\"name\":")
        out.string(type.sampleType)
        if let query {
            out.raw(",\"appName\":")
            out.string(query.application)
            out.raw(",\"startTime\":\(query.startTime),\"endTime\":\(query.endTime),\"query\":")
            out.string(query.text)
            out.raw(",\"maxNodes\":\(query.maximumNodes)")
        }
        out.raw("}")
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
}
