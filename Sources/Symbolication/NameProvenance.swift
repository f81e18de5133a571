import ImageFiles

/// Where the names of an image, or of code that no file holds, came from, or why there are none.
package struct NameProvenance: Hashable, Sendable {
    package let origin: SymbolOrigin
    /// Where in particular: a debug file's path; else empty.
    package var source = ""
    /// Whether debug information tells lines and functions that were inlined.
    package var hasLines = false
    /// Why nothing could be read; nil when it could.
    package var reason: String?
    /// What would give more names; empty when they are all there.
    package let advice: String

    init(_ symbols: ImageSymbols) {
        origin = symbols.origin
        source = symbols.source
        hasLines = symbols.hasDebugInfo
        advice = symbols.origin.advice
    }

    init(failedBy problem: ImageError) {
        origin = .none
        reason = problem.rawValue
        advice = problem.advice
    }

    /// Code of a runtime; without a problem it has names.
    init(runtime problem: RuntimeNamesProblem?) {
        origin = problem == nil ? .runtime : .none
        reason = problem?.rawValue
        advice = problem?.advice ?? ""
    }
}
