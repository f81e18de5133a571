import ProfileModel
import Testing

@testable import ProfileQuery

@Suite struct TimeTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    @Test(arguments: [
        ("1700000000", 1_700_000_000_000), ("1700000000123", 1_700_000_000_123),
        ("1700000000123456", 1_700_000_000_123), ("1700000000123456789", 1_700_000_000_123),
        ("0", 0), ("20260131", 1_769_817_600_000), ("now", 1_800_000_000_000),
        ("now-1h", 1_799_996_400_000), ("-30min", 1_799_998_200_000),
        ("now - 15m", 1_799_999_100_000),
        ("now-1h30m", 1_799_994_600_000), ("now-7d", 1_799_395_200_000),
        ("now+1s", 1_800_000_001_000),
        ("NOW-1d", 1_799_913_600_000),
    ])
    func `reads a time`(text: String, milliseconds: Int64) throws {
        let time = try TimeExpression.parse(text, now: now, parameter: "from")
        #expect(time.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "yesterday", "now-", "now-1", "now-1parsec", "now-h", "99999999999999999999", "1.5",
        "now-99999999999999999y", "2026-01-31", "now--1h",
    ])
    func `says what it cannot read, and of which parameter`(text: String) {
        let error = #expect(throws: QueryError.self) {
            try TimeExpression.parse(text, now: now, parameter: "until")
        }
        #expect(error?.parameter == "until")
        #expect(error?.code == .invalid)
    }

    @Test func `a range is the last hour unless told otherwise, and never backwards`() throws {
        let plain = try TimeExpression.range(from: nil, until: nil, now: now)
        #expect(plain.end == now)
        #expect(plain.start.milliseconds == now.milliseconds - 3_600_000)
        let error = #expect(throws: QueryError.self) {
            try TimeExpression.range(from: "now", until: "now-1h", now: now)
        }
        #expect(error?.parameter == "from")
    }

    @Test func `steps fall on boundaries and hold every window once`() throws {
        let range = try #require(
            TimeRange(Timestamp(milliseconds: 1_005_000), Timestamp(milliseconds: 1_065_000)))
        var timeline = Timeline(range: range, stepSeconds: 15)
        #expect(timeline.start.milliseconds == 1_005_000)
        #expect(timeline.values.count == 5)
        for second in [1_005, 1_019, 1_020, 1_065] as [Int64] {
            timeline.add(1, at: Timestamp(milliseconds: second * 1000))
        }
        timeline.add(1, at: Timestamp(milliseconds: 999_000))
        #expect(timeline.values == [2, 1, 0, 0, 1])
        #expect(timeline.total == 4)
    }
}
