import Testing

@testable import HearthAgent

@Suite struct RoundPaceTests {
    private let millisecond: UInt64 = 1_000_000

    /// When rounds happen if somebody asks for the next one right after each.
    private func rounds(_ count: Int, from start: UInt64) -> [UInt64] {
        var pace = RoundPace()
        var now = start
        return (0..<count).map { _ in
            now += pace.wait(at: now)
            pace.beginRound()
            return (now - start) / millisecond
        }
    }

    @Test func `some rounds may follow at once, then one each five milliseconds`() {
        #expect(rounds(8, from: 1000 * millisecond) == [0, 0, 0, 0, 5, 10, 15, 20])
    }

    @Test func `quiet time earns rounds, but not more than some`() {
        var pace = RoundPace()
        var waits: [UInt64] = []
        for time in [1000, 1000, 1000, 1000, 1000, 1500, 1500, 1500, 1500, 1500] {
            waits.append(pace.wait(at: UInt64(time) * millisecond) / millisecond)
            pace.beginRound()
        }
        #expect(waits == [0, 0, 0, 0, 5, 0, 0, 0, 0, 5])
    }
}
