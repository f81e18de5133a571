import LinuxSystem
import Logging
import Synchronization

/// One log line per distinct problem per hour, so that a broken machine does not fill its disk.
final class ProblemLog: Sendable {
    private struct Entry {
        var lastSaid: UInt64
        var suppressed = 0
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let logger: Logger
    private static let silence: UInt64 = 3_600_000_000_000

    init(logger: Logger) { self.logger = logger }

    /// Logs unless a problem with this key was logged within the last hour.
    func report(_ message: Logger.Message, key: String, _ reason: String) {
        let now = Clock.monotonic
        let suppressed: Int? = entries.withLock { entries in
            if let entry = entries[key], now - entry.lastSaid < Self.silence {
                entries[key]?.suppressed += 1
                return nil
            }
            let suppressed = entries[key]?.suppressed ?? 0
            entries[key] = Entry(lastSaid: now)
            return suppressed
        }
        guard let suppressed else { return }
        var metadata: Logger.Metadata = ["reason": "\(reason)"]
        if suppressed > 0 { metadata["repeated"] = "\(suppressed)" }
        logger.warning(message, metadata: metadata)
    }
}
