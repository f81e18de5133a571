/// How soon the next round may be: at once as a rule, and every 5 ms where processes start by the
/// hundred and each asks for one.
struct RoundPace {
    private var last: UInt64 = 0
    private var credit = limit

    /// What a round costs, nanoseconds of waiting.
    private static let price: UInt64 = 5_000_000
    private static let limit = 4 * price

    /// How long to wait first, nanoseconds.
    mutating func wait(at now: UInt64) -> UInt64 {
        credit = min(credit + (now - min(now, last)), Self.limit)
        let wait = Self.price - min(credit, Self.price)
        credit += wait
        last = now + wait
        return wait
    }

    /// A round begins, the wait over.
    mutating func beginRound() { credit -= min(credit, Self.price) }
}
