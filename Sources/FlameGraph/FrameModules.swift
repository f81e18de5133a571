import ProfileModel

/// The module of each name of a flame graph: `{"modules": [index…], "moduleNames": [name…]}`.
/// Pyroscope's document has no place for it; ours carries it as one more key, `frames`.
struct FrameModules {
    private var indexes: [Int] = []
    private var names: [String] = []

    /// Of several locations with one name and kind the first of the table counts.
    init(_ frameNames: [FrameName], _ tables: [StackTable]) {
        var modules: [FrameName: String] = [:]
        for location in tables.lazy.flatMap(\.locations) {
            for name in location.frameNames where modules[name] == nil {
                modules[name] = location.module
            }
        }
        var known: [String: Int] = [:]
        for name in frameNames {
            let module = modules[name] ?? ""
            let index = known[module] ?? names.count
            if index == names.count {
                known[module] = index
                names.append(module)
            }
            indexes.append(index)
        }
    }

    func write(to json: inout JSONText) {
        json.raw("{\"modules\":")
        json.array(indexes) { $0.raw(String($1)) }
        json.raw(",\"moduleNames\":")
        json.array(names) { $0.string($1) }
        json.raw("}")
    }
}
