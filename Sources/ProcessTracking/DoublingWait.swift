/// A wait that doubles each time it was used up, so that what never helps costs little.
package struct DoublingWait: Sendable {
    /// How the waits grow, nanoseconds.
    package struct Bounds: Sendable {
        let shortest: UInt64
        let longest: UInt64
        /// So long after a wait has passed unused, the next one is the shortest again.
        let quiet: UInt64

        package init(shortest: UInt64, longest: UInt64, quiet: UInt64) {
            self.shortest = shortest
            self.longest = longest
            self.quiet = quiet
        }
    }

    private var until: UInt64 = 0
    private var length: UInt64 = 0

    package init() {}

    /// Whether the wait is over, or never began; if so, the next one begins.
    package mutating func pass(at now: UInt64, _ bounds: Bounds) -> Bool {
        if isQuiet(at: now, bounds) {
            length = bounds.shortest
        } else if now >= until {
            length = min(length * 2, bounds.longest)
        } else {
            return false
        }
        until = now.addingSaturating(length)
        return true
    }

    /// Whether a new one would behave the same.
    package func isQuiet(at now: UInt64, _ bounds: Bounds) -> Bool {
        length == 0 || now >= until.addingSaturating(bounds.quiet)
    }
}
