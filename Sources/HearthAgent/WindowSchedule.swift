import ProfileModel

/// When windows begin and end: aligned to Unix time, though samples carry CLOCK_MONOTONIC.
///
/// The two clocks are compared once per window, so that a step of the wall clock moves the next
/// window and never a sample inside this one. Two windows that fall on one start are added up.
struct WindowSchedule: Sendable {
    /// Start of the open window.
    private(set) var start = Timestamp(milliseconds: 0)
    /// CLOCK_MONOTONIC nanoseconds at which the open window ends.
    private(set) var end: UInt64 = 0
    let milliseconds: Int64

    /// Opens the window that contains `real`. Both clocks in nanoseconds, read together.
    init(seconds: Int, monotonic: UInt64, real: UInt64) {
        milliseconds = Int64(seconds) * 1000
        open(monotonic: monotonic, real: real)
    }

    /// Opens the window that begins where the last one ended; when that is not now (the first one,
    /// or the wall clock was stepped, or the machine slept), the one that contains `real`.
    mutating func open(monotonic: UInt64, real: UInt64) {
        let length = UInt64(milliseconds) * 1_000_000
        let isNext = end != 0 && monotonic &- end < length
        let begin = isNext ? end : monotonic
        let beginReal = real &- (monotonic &- begin)
        // The clocks drift by microseconds in a window: just before a boundary means at it.
        let slack = length / 1000
        let startReal = (beginReal + slack) / length * length
        start = Timestamp(milliseconds: Int64(startReal / 1_000_000))
        end = begin &+ (startReal &+ length &- beginReal)
    }
}
