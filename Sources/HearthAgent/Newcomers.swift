import ProcessTracking
import ProfileModel

/// Processes that BPF should know soon, a sample each; and how soon each may be looked at again.
struct Newcomers {
    private(set) var samples: [Sample] = []
    private var waits: [UInt32: DoublingWait] = [:]

    /// Processes looked at in one round at most, about 0.2 ms each; others become known in their turn.
    private static let limit = 8
    /// A program loads libraries one after the other as it starts; one that asks again and again will
    /// never be understood.
    private static let bounds = DoublingWait.Bounds(
        shortest: 1_000_000, longest: 1_000_000_000, quiet: 250_000_000)

    mutating func add(_ sample: Sample, at now: UInt64) {
        guard samples.count < Self.limit, !samples.contains(where: { $0.tgid == sample.tgid }),
            waits[sample.tgid, default: DoublingWait()].pass(at: now, Self.bounds)
        else { return }
        samples.append(sample)
    }

    mutating func removeAll() { samples.removeAll(keepingCapacity: true) }

    /// Forgets waits that would start anew anyway; call it every second or so.
    mutating func keepHouse(at now: UInt64) {
        waits = waits.filter { !$0.value.isQuiet(at: now, Self.bounds) }
    }
}
