/// What this program calls itself.
package enum Version {
    /// Semantic version; CHANGELOG.md says what is in it.
    package static let text = "0.1.0"
}
