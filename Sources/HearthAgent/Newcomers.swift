import ProcessTracking
import ProfileModel

/// Processes that BPF should know soon, a sample each; and how soon each may be looked at again.
struct Newcomers {
    private(set) var samples: [Sample] = []
    private var turns: [UInt32: Turn] = [:]

    /// How often a process was looked at lately.
    private struct Turn {
        var count = 0
        var wait = DoublingWait()

        mutating func pass(at now: UInt64) -> Bool {
            guard count < Newcomers.burst else { return wait.pass(at: now, Newcomers.bounds) }
            count += 1
            _ = wait.pass(at: now, Newcomers.bounds)
            return true
        }
    }

    /// Processes looked at in one round at most, about 0.2 ms each; others become known in their turn.
    private static let limit = 8
    /// A program loads libraries one after the other as it starts, each of them may be news.
    private static let burst = 12
    /// One that goes on asking will never be understood.
    private static let bounds = DoublingWait.Bounds(
        shortest: 4_000_000, longest: 1_000_000_000, quiet: 250_000_000)

    mutating func add(_ sample: Sample, at now: UInt64) {
        guard samples.count < Self.limit, !samples.contains(where: { $0.tgid == sample.tgid }),
            turns[sample.tgid, default: Turn()].pass(at: now)
        else { return }
        samples.append(sample)
    }

    mutating func removeAll() { samples.removeAll(keepingCapacity: true) }

    /// Forgets waits that would start anew anyway; call it every second or so.
    mutating func keepHouse(at now: UInt64) {
        turns = turns.filter { !$0.value.wait.isQuiet(at: now, Self.bounds) }
    }
}
