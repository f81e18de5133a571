import LinuxSystem
import Logging
import ProfileModel
import ProfileStore
import ServiceLifecycle

/// Rolls up hours that are over and deletes what retention no longer keeps: at once after the start,
/// then every minute.
struct StoreKeeper: Service {
    let store: SQLiteProfileStore
    let problems: ProblemLog

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await keep()
                try? await Task.sleep(for: .seconds(60))
            }
        }
    }

    private func keep() async {
        let now = Timestamp(milliseconds: Int64(Clock.real / 1_000_000))
        do {
            try await store.applyRetention(now: now)
        } catch {
            problems.report("Old profiles were not deleted", key: "retention", "\(error)")
        }
        do {
            try await store.rollUp(now: now)
        } catch {
            problems.report("Hours were not rolled up", key: "roll-up", "\(error)")
        }
    }
}
