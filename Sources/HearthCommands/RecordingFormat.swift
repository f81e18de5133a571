/// What `hearth record -o` writes, by the file's name.
enum RecordingFormat: String, CaseIterable {
    case pprof = ".pb.gz"
    case folded = ".folded"
    case svg = ".svg"
    case json = ".json"

    /// Nil when the name ends in none of these.
    init?(path: String) {
        guard let format = Self.allCases.first(where: { path.hasSuffix($0.rawValue) }) else {
            return nil
        }
        self = format
    }
}
