import Aggregation
import LinuxSystem
import Logging
import ProfileModel
import ProfileStore
import RecentSamples
import ServiceLifecycle
import Symbolication

/// From samples to stored windows: runs the sampler, names the windows it closes, and writes them, one
/// after the other. One service, since the two ends stop together: a service that returns before its
/// turn makes its group fail.
struct ProfilingService: Service {
    let profiler: NodeProfiler
    let windows: AsyncStream<Window>
    let names: Symbolicator
    let store: any ProfileStore
    /// Nil: single samples are not kept.
    let recent: RecentSamples?
    let problems: ProblemLog

    /// How long images are still read for the last windows' names, nanoseconds.
    private static let closingTime: UInt64 = 1_000_000_000

    /// Ends when the loop was told to stop and its last window is written; throws what ended the loop.
    func run() async throws {
        try await withTaskCancellationOrGracefulShutdownHandler {
            for await window in windows { await write(window) }
            try await profiler.waitUntilStopped()
        } onCancelOrGracefulShutdown: {
            names.readNothing(after: Clock.monotonic + Self.closingTime)
            profiler.stop()
        }
    }

    private func write(_ window: Window) async {
        let count = UInt64(window.sampleCount)
        // What naming took for a moment is more than what the daemon lives in.
        defer { Machine.trimMemory() }
        let (batch, stacks) = ProfileBuilder().build(from: window, names: names)
        keepSingles(of: window, table: batch.table, stacks: stacks)
        do {
            try await store.write(batch)
            profiler.ledger.store(count)
        } catch {
            profiler.ledger.drop(count, .store)
            problems.report("A window was not stored", key: "store", "\(error)")
        }
    }

    private func keepSingles(
        of window: Window, table: StackTable, stacks: [StackTable.StackID]
    ) {
        do {
            try recent?.add(RecentWindow(window, table: table, stacks: stacks))
        } catch {
            problems.report("Single samples were not kept", key: "recent", "\(error)")
        }
    }
}
