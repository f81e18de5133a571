import ProfileModel
import Testing

@testable import HearthAgent

@Suite struct WindowScheduleTests {
    private let second: UInt64 = 1_000_000_000

    @Test func `begins the first window where Unix time says, and ends it there`() {
        let schedule = WindowSchedule(seconds: 10, monotonic: 500 * second, real: 1_003 * second)
        #expect(schedule.start.milliseconds == 1_000_000)
        #expect(schedule.end == 507 * second)
    }

    @Test func `follows one window with the next, however late the round comes`() {
        var schedule = WindowSchedule(seconds: 10, monotonic: 500 * second, real: 1_003 * second)
        schedule.open(monotonic: 507 * second + 30_000_000, real: 1_010 * second + 30_000_000)
        #expect(schedule.start.milliseconds == 1_010_000)
        #expect(schedule.end == 517 * second)
    }

    @Test func `takes a clock that is microseconds behind the boundary to be at it`() {
        var schedule = WindowSchedule(seconds: 10, monotonic: 500 * second, real: 1_003 * second)
        schedule.open(monotonic: 507 * second, real: 1_010 * second - 20_000)
        #expect(schedule.start.milliseconds == 1_010_000)
        #expect(schedule.end == 517 * second + 20_000)
    }

    @Test(arguments: [(forward: true, start: 4_600_000), (forward: false, start: 40_000)])
    func `moves the next window when the wall clock is stepped`(forward: Bool, start: Int64) {
        var schedule = WindowSchedule(seconds: 10, monotonic: 500 * second, real: 1_003 * second)
        let real = (forward ? 4_600 : 40) * second
        schedule.open(monotonic: 507 * second, real: real)
        #expect(schedule.start.milliseconds == start)
        #expect(schedule.end == 517 * second)
    }

    @Test func `opens the present window after the machine slept`() {
        var schedule = WindowSchedule(seconds: 10, monotonic: 500 * second, real: 1_003 * second)
        schedule.open(monotonic: 707 * second, real: 1_214 * second)
        #expect(schedule.start.milliseconds == 1_210_000)
        #expect(schedule.end == 713 * second)
    }
}
