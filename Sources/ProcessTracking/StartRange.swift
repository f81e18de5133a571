/// When a process began, as far as we know: CLOCK_BOOTTIME nanoseconds, both ends included.
///
/// A sample tells it exactly, /proc in ticks of 10 ms, and a FORK record's time lies shortly after it.
struct StartRange: Hashable, Sendable {
    let earliest: UInt64
    let latest: UInt64

    init(exactly time: UInt64) {
        earliest = time
        latest = time
    }

    /// `/proc/PID/stat` rounds down to ticks of USER_HZ, which is 100 on every architecture we know.
    init(ticks: UInt64) {
        let (time, overflow) = ticks.multipliedReportingOverflow(by: Self.tick)
        earliest = overflow ? .max : time
        latest = earliest.addingSaturating(Self.tick - 1)
    }

    /// `copy_process` sets the start time first and sends the record last; in between it may be
    /// preempted, so the record is late by microseconds as a rule and by a second at most, we hold.
    init(forkedAt time: UInt64) {
        earliest = time.subtractingSaturating(1_000_000_000)
        latest = time.addingSaturating(Self.clockError)
    }

    /// Nothing but an upper bound.
    init(before time: UInt64) {
        earliest = 0
        latest = time.addingSaturating(Self.clockError)
    }

    private static let tick: UInt64 = 10_000_000
    /// How far boot time may be off when it is computed from monotonic time.
    private static let clockError: UInt64 = 1_000_000

    var isExact: Bool { earliest == latest }

    func contains(_ time: UInt64) -> Bool { earliest <= time && time <= latest }

    func overlaps(_ other: StartRange) -> Bool {
        earliest <= other.latest && other.earliest <= latest
    }

    /// What both allow; the narrower one when they contradict each other.
    func narrowed(by other: StartRange) -> StartRange {
        guard overlaps(other) else { return isExact ? self : other }
        return StartRange(
            earliest: max(earliest, other.earliest), latest: min(latest, other.latest))
    }

    private init(earliest: UInt64, latest: UInt64) {
        self.earliest = earliest
        self.latest = latest
    }
}

extension UInt64 {
    func addingSaturating(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    func subtractingSaturating(_ other: UInt64) -> UInt64 { self < other ? 0 : self - other }
}
