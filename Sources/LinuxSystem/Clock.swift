import Glibc

/// The kernel's clocks, in nanoseconds.
package enum Clock {
    /// CLOCK_MONOTONIC: samples and perf records carry it.
    package static var monotonic: UInt64 { read(CLOCK_MONOTONIC) }
    /// CLOCK_BOOTTIME: process start times are on it; it goes on while the machine sleeps.
    package static var boot: UInt64 { read(CLOCK_BOOTTIME) }
    /// CLOCK_REALTIME: Unix time; steps when somebody sets it.
    package static var real: UInt64 { read(CLOCK_REALTIME) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
