/// What one query may cost. There is no limit on the length of a range as such.
package struct QueryLimits: Sendable, Hashable {
    /// Stacks told apart in one answer; the rest is summed as `other`.
    package var stacks: Int
    /// Steps of one time line.
    package var steps: Int
    /// Time lines of one answer; the largest are kept.
    package var groups: Int
    /// The longest range, nil for any.
    package var range: Duration?

    package init(
        stacks: Int = 100_000, steps: Int = 11_000, groups: Int = 1_000, range: Duration? = nil
    ) {
        self.stacks = stacks
        self.steps = steps
        self.groups = groups
        self.range = range
    }
}
