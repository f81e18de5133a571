/// Values as people read them.
package enum ReadableValue {
    /// `1.25 s` of nanoseconds, `3.50 MiB` of bytes, other units as they are.
    package static func text(_ value: Int64, unit: String) -> String {
        switch unit {
        case "nanoseconds":
            scaled(value, [(1, "ns"), (1_000, "µs"), (1_000_000, "ms"), (1_000_000_000, "s")])
        case "bytes":
            scaled(value, [(1, "B"), (1 << 10, "KiB"), (1 << 20, "MiB"), (1 << 30, "GiB")])
        default: "\(value) \(unit)"
        }
    }

    private static func scaled(_ value: Int64, _ units: [(Int64, String)]) -> String {
        let size = value.magnitude
        let (factor, name) = units.last { size >= UInt64($0.0) } ?? units[0]
        guard factor > 1 else { return "\(value) \(name)" }
        let hundredths = Int64((Double(value) * 100 / Double(factor)).rounded())
        let rest = abs(hundredths % 100)
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) \(name)"
    }
}
