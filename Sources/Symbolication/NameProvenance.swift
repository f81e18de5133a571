package import ImageFiles

/// Where an image's names came from, or why there are none.
package struct NameProvenance: Hashable, Sendable {
    package let origin: SymbolOrigin
    /// Where in particular: a debug file's path; else empty.
    package let source: String
    /// Whether debug information tells lines and functions that were inlined.
    package let hasLines: Bool
    /// Why the image could not be read; nil when it was.
    package let problem: ImageError?

    /// `problem`, as the API shows it.
    package var reason: String? { problem?.rawValue }

    /// What would give more names; empty when they are all there.
    package var advice: String { problem?.advice ?? origin.advice }
}
