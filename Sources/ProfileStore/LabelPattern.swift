/// A regular expression over label values, matched in time linear in the value: no backtracking, so
/// that a query from anybody cannot hang a server.
///
/// The syntax is RE2's (https://github.com/google/re2/wiki/Syntax) without Unicode scripts; as in
/// Prometheus the whole value must match and `.` matches a line feed too. Work is bounded by
/// `PatternProgram.instructionLimit` × the value's length.
package struct LabelPattern: Sendable {
    /// The pattern as it was written.
    package let source: String
    private let program: PatternProgram

    /// Throws `.badMatcher` with a sentence that says where and why.
    package init(_ source: String) throws(StoreError) {
        self.source = source
        do {
            var parser = PatternParser(source)
            program = try PatternProgram(try parser.parse())
        } catch {
            throw StoreError(
                .badMatcher, "the regular expression \"\(source)\" \(error.reason)")
        }
    }

    /// Whether the whole of `text` matches.
    package func matches(_ text: String) -> Bool { program.matches(text.unicodeScalars) }
}

/// Why a pattern is not one we can match; the reason reads on from "the regular expression …".
struct PatternError: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
