import Testing

@testable import HearthAgent

@Suite struct SampleLedgerTests {
    @Test func `what was received is stored, dropped for a reason, or pending`() {
        let ledger = SampleLedger()
        ledger.receive(100)
        ledger.store(60)
        ledger.drop(5, .decode)
        ledger.drop(5, .store)
        ledger.drop(0, .window)
        let counts = ledger.counts
        #expect(counts.pending == 30)
        #expect(counts.dropped == [.decode: 5, .store: 5])
    }

    @Test func `a completion ends once, for those who wait and those who come later`() async throws
    {
        struct Reason: Error, Equatable {}
        let completion = Completion()
        async let waiting: Void = completion.wait()
        await Task.yield()
        completion.finish(.success(()))
        completion.finish(.failure(Reason()))
        try await waiting
        try await completion.wait()
        let failed = Completion()
        failed.finish(.failure(Reason()))
        await #expect(throws: Reason.self) { try await failed.wait() }
    }
}
