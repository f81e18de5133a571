import HTTPTypes

/// How long the caller waits: `Connect-Timeout-Ms`, at most ten digits.
struct ConnectDeadline {
    let milliseconds: Int64

    /// Nil when the caller sets none.
    init?(_ headers: HTTPFields) throws(ConnectError) {
        guard let text = headers[.connectTimeout] else { return nil }
        guard text.count <= 10,
            text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let milliseconds = Int64(text)
        else {
            throw .invalid("Connect-Timeout-Ms is \(quoted(text)), not up to ten digits")
        }
        self.milliseconds = milliseconds
    }

    /// Runs `work`; cancels it when the time is up.
    func run<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let milliseconds = milliseconds
        let passed = ConnectError(
            .deadlineExceeded, "no answer within the \(milliseconds) ms that were given")
        guard milliseconds > 0 else { throw passed }
        return try await withThrowingTaskGroup(of: Value.self) { tasks in
            tasks.addTask {
                try await Task.sleep(for: .milliseconds(milliseconds))
                throw passed
            }
            tasks.addTask { try await work() }
            defer { tasks.cancelAll() }
            guard let value = try await tasks.next() else { throw CancellationError() }
            return value
        }
    }
}

extension HTTPField.Name {
    static let connectTimeout = named("Connect-Timeout-Ms")
}
