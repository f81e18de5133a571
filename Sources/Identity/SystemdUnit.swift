/// A component of a cgroup path that is a systemd unit which is not merely a group of others.
///
/// Slices only group, and scopes hold what others started: neither says which application runs.
struct SystemdUnit: Hashable {
    /// As systemd spells it, `getty@tty1.service`.
    let name: String
    /// `getty`; nil for units that are not services, and for a user's own manager.
    let serviceName: String?

    private static let suffixes = [".service", ".socket", ".mount", ".swap"]

    init?(_ component: Substring) {
        guard let suffix = Self.suffixes.first(where: { component.hasSuffix($0) }) else {
            return nil
        }
        // systemd puts an underscore before names that would collide with a kernel file.
        let name = component.hasPrefix("_") ? component.dropFirst() : component
        let stem = name.dropLast(suffix.count).prefix { $0 != "@" }
        guard !stem.isEmpty else { return nil }
        self.name = String(name)
        let isUserInstance = stem == "user" && name.contains("@")
        serviceName = suffix == ".service" && !isUserInstance ? Self.unescaped(stem) : nil
    }

    /// Undoes systemd's `\x2d` for bytes that a unit's name may not hold (`systemd-escape(1)`).
    static func unescaped(_ text: Substring) -> String {
        guard text.contains("\\") else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x"),
                let value = UInt8(
                    String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
