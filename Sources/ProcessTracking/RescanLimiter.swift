/// Says when /proc may be read again, so that a process we never understand costs little.
///
/// Per process: at once, then after 0.1 s, 0.2 s, … 25.6 s; five quiet seconds after a wait has
/// passed start anew. Of the whole machine: the same from 1 s to 64 s.
struct RescanLimiter: Sendable {
    private var waits: [UInt32: DoublingWait] = [:]
    private var fullWait = DoublingWait()
    private(set) var isFullScanWanted = false

    private static let bounds = DoublingWait.Bounds(
        shortest: 100_000_000, longest: 25_600_000_000, quiet: 5_000_000_000)
    private static let fullBounds = DoublingWait.Bounds(
        shortest: 1_000_000_000, longest: 64_000_000_000, quiet: 5_000_000_000)

    var count: Int { waits.count }

    /// Whether this process may be scanned now; if so, the next wait begins.
    mutating func mayScan(_ tgid: UInt32, at now: UInt64) -> Bool {
        waits[tgid, default: DoublingWait()].pass(at: now, Self.bounds)
    }

    /// A process became another program, or ended: what we failed to understand is over.
    mutating func forget(_ tgid: UInt32) { waits[tgid] = nil }

    /// Asks for a full scan; it is due at once or, after others, later.
    mutating func wantFullScan() { isFullScanWanted = true }

    /// Whether a wanted full scan may be made now; if so, the next wait begins.
    mutating func mayScanAll(at now: UInt64) -> Bool {
        guard isFullScanWanted, fullWait.pass(at: now, Self.fullBounds) else { return false }
        isFullScanWanted = false
        return true
    }

    /// Forgets waits that would start anew anyway.
    mutating func removeQuiet(at now: UInt64) {
        waits = waits.filter { !$0.value.isQuiet(at: now, Self.bounds) }
    }
}
