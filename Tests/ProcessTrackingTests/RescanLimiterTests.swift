import Testing

@testable import ProcessTracking

@Suite struct RescanLimiterTests {
    private let second: UInt64 = 1_000_000_000

    @Test func `waits twice as long each time, up to a bound`() {
        var limiter = RescanLimiter()
        var scans: [UInt64] = []
        // Asked every 10 ms for two minutes.
        for step in UInt64(0)..<12_000 where limiter.mayScan(7, at: step * 10_000_000) {
            scans.append(step * 10)
        }
        #expect(
            scans == [0, 100, 300, 700, 1500, 3100, 6300, 12_700, 25_500, 51_100, 76_700, 102_300])
        #expect(limiter.mayScan(8, at: 120 * second) == true)
    }

    @Test func `starts anew after quiet, and for another program`() {
        var limiter = RescanLimiter()
        #expect(limiter.mayScan(7, at: 0) == true)
        #expect(limiter.mayScan(7, at: 1) == false)
        limiter.forget(7)
        #expect(limiter.mayScan(7, at: 2) == true)
        #expect(limiter.mayScan(7, at: 10 * second) == true)
        #expect(limiter.mayScan(7, at: 10 * second + 100_000_000) == true)
        limiter.removeQuiet(at: 100 * second)
        #expect(limiter.count == 0)
    }

    @Test func `a full scan that came too early is made later`() {
        var limiter = RescanLimiter()
        #expect(limiter.mayScanAll(at: 0) == false)
        limiter.wantFullScan()
        #expect(limiter.mayScanAll(at: 0) == true)
        #expect(limiter.mayScanAll(at: 0) == false)
        limiter.wantFullScan()
        #expect(limiter.mayScanAll(at: second / 2) == false)
        #expect(limiter.mayScanAll(at: second) == true)
        #expect(limiter.mayScanAll(at: 60 * second) == false)
    }
}
