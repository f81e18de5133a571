/// What one query may cost. There is no limit on the length of a range as such.
package struct QueryLimits: Sendable, Hashable {
    /// Stacks told apart in one answer; the rest is summed as `other`.
    package var stacks: Int
    /// Stacks read to find those below a call site. They cannot be summed as `other` before it is
    /// known which of them lie there, so more are an error.
    package var callSiteStacks: Int
    /// Steps of one time line.
    package var steps: Int
    /// Time lines of one answer. Where the asker sets no limit of his own, more are an error.
    package var groups: Int
    /// Points of all time lines of one answer together.
    package var points: Int
    /// Label sets of one answer.
    package var series: Int
    /// The longest range, nil for any.
    package var range: Duration?
    /// How long one query may take; nil for ever. Then it is cancelled.
    package var time: Duration?

    package init(
        stacks: Int = 100_000, callSiteStacks: Int = 2_000_000, steps: Int = 11_000,
        groups: Int = 1_000, points: Int = 1_000_000, series: Int = 200_000,
        range: Duration? = nil, time: Duration? = .seconds(30)
    ) {
        self.stacks = stacks
        self.callSiteStacks = callSiteStacks
        self.steps = steps
        self.groups = groups
        self.points = points
        self.series = series
        self.range = range
        self.time = time
    }
}
