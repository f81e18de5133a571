/// How long files are left alone between two looks at them: a second, and twice as long after each look
/// that told nothing new, up to a quarter of a minute. Files that take long to read, and change all the
/// time, are read less often: whoever writes them must not keep us busy.
struct RereadPause: Sendable {
    private var until: UInt64 = 0
    private var length = shortest

    static let shortest: UInt64 = 1_000_000_000
    static let longest: UInt64 = 16_000_000_000

    /// Looks take no more than this part of the time.
    private static let share: UInt64 = 20

    func isOver(at now: UInt64) -> Bool { now >= until }

    /// Begins the next one.
    ///
    /// - Parameter cost: how long the look took.
    mutating func begin(at now: UInt64, afterNews: Bool, cost: UInt64) {
        length = afterNews ? Self.shortest : min(length * 2, Self.longest)
        let (end, overflow) = now.addingReportingOverflow(
            max(length, cost &* Self.share))
        until = overflow ? .max : end
    }
}
