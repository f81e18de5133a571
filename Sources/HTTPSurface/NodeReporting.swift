package import ProfileModel
package import ProfileStore

/// What the surface asks the node it speaks for. The agent answers; the surface only formats.
package protocol NodeReporting: Sendable {
    /// Every process that was sampled or is known, in no order.
    func processes() async -> [ProcessReport]

    func status() async -> StatusReport

    /// Whether this node samples and stores now.
    func readiness() async -> Readiness

    /// Everything `/metrics` shows, in the order to show it.
    func metrics() async -> [MetricFamily]

    /// Samples live for `seconds` (1…300) and sums what matches all of `matchers`. Ends early when
    /// its task is cancelled, as when the client hangs up.
    func collect(seconds: Int, matchers: [LabelMatcher]) async throws -> MergedProfile
}

/// Whether a node does its work, as `/ready` answers.
package enum Readiness: Hashable, Sendable {
    case ready
    /// The reason is one sentence for an operator.
    case notReady(String)
}
