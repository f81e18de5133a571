/// Says when /proc may be read again, so that a process we never understand costs little.
///
/// Per process: at once, then after 0.1 s, 0.2 s, … 25.6 s; five quiet seconds after a wait has
/// passed start anew. Of the whole machine: the same from 1 s to 64 s.
struct RescanLimiter: Sendable {
    private struct Wait {
        var until: UInt64
        var length: UInt64
    }

    private var waits: [UInt32: Wait] = [:]
    private var fullWait: Wait?
    private(set) var isFullScanWanted = false

    private static let shortest: UInt64 = 100_000_000
    private static let longest: UInt64 = 25_600_000_000
    private static let shortestFull: UInt64 = 1_000_000_000
    private static let longestFull: UInt64 = 64_000_000_000
    private static let quiet: UInt64 = 5_000_000_000

    var count: Int { waits.count }

    /// Whether this process may be scanned now; if so, the next wait begins.
    mutating func mayScan(_ tgid: UInt32, at now: UInt64) -> Bool {
        let allowed = Self.pass(
            &waits[tgid], at: now, shortest: Self.shortest, longest: Self.longest)
        return allowed
    }

    /// A process became another program, or ended: what we failed to understand is over.
    mutating func forget(_ tgid: UInt32) { waits[tgid] = nil }

    /// Asks for a full scan; it is due at once or, after others, later.
    mutating func wantFullScan() { isFullScanWanted = true }

    /// Whether a wanted full scan may be made now; if so, the next wait begins.
    mutating func mayScanAll(at now: UInt64) -> Bool {
        guard isFullScanWanted,
            Self.pass(&fullWait, at: now, shortest: Self.shortestFull, longest: Self.longestFull)
        else { return false }
        isFullScanWanted = false
        return true
    }

    /// Forgets waits that would start anew anyway.
    mutating func removeQuiet(at now: UInt64) {
        waits = waits.filter { !Self.isQuiet($0.value, at: now) }
    }

    private static func isQuiet(_ wait: Wait, at now: UInt64) -> Bool {
        now >= wait.until.addingSaturating(quiet)
    }

    private static func pass(
        _ wait: inout Wait?, at now: UInt64, shortest: UInt64, longest: UInt64
    ) -> Bool {
        guard let old = wait, !isQuiet(old, at: now) else {
            wait = Wait(until: now.addingSaturating(shortest), length: shortest)
            return true
        }
        guard now >= old.until else { return false }
        let length = min(old.length * 2, longest)
        wait = Wait(until: now.addingSaturating(length), length: length)
        return true
    }
}
