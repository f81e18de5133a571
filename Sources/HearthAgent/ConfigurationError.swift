/// A setting that cannot be used: which, where it was said, and what would be right.
package struct ConfigurationError: Error, Hashable, Sendable {
    /// The dash-case key.
    package let key: String
    package let message: String
    /// File and 1-based line; nil for a flag.
    package var place: Place?

    package struct Place: Hashable, Sendable {
        package let file: String
        package let line: Int

        package init(file: String, line: Int) {
            self.file = file
            self.line = line
        }
    }

    package init(key: String, message: String, place: Place? = nil) {
        self.key = key
        self.message = message
        self.place = place
    }
}

extension ConfigurationError: CustomStringConvertible {
    package var description: String {
        let text = key.isEmpty ? message : "\(key): \(message)"
        return place.map { "\($0.file):\($0.line): \(text)" } ?? text
    }
}
