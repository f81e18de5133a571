extension Clock {
    /// CLOCK_BOOTTIME − CLOCK_MONOTONIC, nanoseconds: how long the machine has slept since boot.
    ///
    /// Right to within 10 µs: the two clocks cannot be read at once, so the pair is read again when
    /// the reader was interrupted in between.
    package static var bootOffset: UInt64 {
        var narrowest = UInt64.max
        var offset: UInt64 = 0
        for _ in 0..<8 where narrowest > 10_000 {
            let before = monotonic
            let boot = boot
            let width = monotonic &- before
            guard width < narrowest else { continue }
            narrowest = width
            offset = boot >= before ? boot - before : 0
        }
        return offset
    }
}
