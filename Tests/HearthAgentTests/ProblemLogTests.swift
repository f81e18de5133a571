import Logging
import Synchronization
import Testing

@testable import HearthAgent

/// Keeps what is logged.
private final class LogLines: LogHandler, Sendable {
    let lines = Mutex<[String]>([])
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}

@Suite struct ProblemLogTests {
    @Test func `says a problem once an hour, and another one at once`() {
        let lines = LogLines()
        let log = ProblemLog(logger: Logger(label: "test") { _ in lines })
        for _ in 0..<1000 { log.report("A window was not stored", key: "store", "no space left") }
        log.report("Old profiles were not deleted", key: "retention", "read-only")
        let said = lines.lines.withLock { $0 }
        #expect(said.count == 2)
        #expect(said.first?.contains("no space left") == true)
    }
}
