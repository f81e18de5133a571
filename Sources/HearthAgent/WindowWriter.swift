import Aggregation
import Logging
import ProfileModel
import ProfileStore
import ServiceLifecycle
import Symbolication

/// Names the windows that the loop closes and writes them to the store, one after the other.
struct WindowWriter: Service {
    let windows: AsyncStream<Window>
    let names: Symbolicator
    let store: any ProfileStore
    let ledger: SampleLedger
    let problems: ProblemLog

    /// Ends when the loop has handed over its last window and that is written.
    func run() async throws {
        let builder = ProfileBuilder()
        for await window in windows {
            let count = UInt64(window.sampleCount)
            let batch = builder.batch(from: window, names: names)
            do {
                try await store.write(batch)
                ledger.store(count)
            } catch {
                ledger.drop(count, .store)
                problems.report("A window was not stored", key: "store", "\(error)")
            }
        }
    }
}
