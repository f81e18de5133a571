/// What went into an unwind table, and what was lost on the way.
package struct UnwindCounters: Hashable, Sendable {
    /// Frame descriptions used: not empty, in executable code, not covered by a better source.
    package var descriptions = 0
    /// Go functions used.
    package var goFunctions = 0
    /// Rows before equal ones were merged.
    package var rawRows = 0
    /// Entries that could not be read.
    package var malformed = 0
    /// Raw rows in which the caller's frame pointer is somewhere the rule cannot say.
    package var lostFramePointers = 0
    /// Raw rows by `UnsupportedCause.rawValue`.
    private var unsupported = [Int](repeating: 0, count: UnsupportedCause.allCases.count)

    package init() {}

    /// Raw rows that do not fit the rules, of one cause.
    package subscript(cause: UnsupportedCause) -> Int { unsupported[cause.rawValue] }

    /// Raw rows that do not fit the rules, of all causes.
    package var unsupportedRows: Int { unsupported.reduce(0, +) }

    mutating func count(_ cause: UnsupportedCause) { unsupported[cause.rawValue] += 1 }
}
