import Glibc

/// Wall and processor time, in seconds.
struct Stopwatch {
    private let wall = Self.seconds(CLOCK_MONOTONIC)
    private let processor = Self.seconds(CLOCK_PROCESS_CPUTIME_ID)

    var elapsed: (wall: Double, processor: Double) {
        (
            Self.seconds(CLOCK_MONOTONIC) - wall,
            Self.seconds(CLOCK_PROCESS_CPUTIME_ID) - processor
        )
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
