/// How the machine is sampled.
package struct SamplingConfiguration: Hashable, Sendable {
    /// Samples per second and CPU.
    package let frequency: Int

    /// What can be asked for. 97 is a prime, so that it does not beat in step with periodic work.
    package static let frequencies = 1...1000
    package static let defaultFrequency = 97

    /// 97 Hz.
    package static let standard = SamplingConfiguration()

    private init() { frequency = Self.defaultFrequency }

    /// Nil when `frequency` is not within `frequencies`.
    package init?(frequency: Int) {
        guard Self.frequencies.contains(frequency) else { return nil }
        self.frequency = frequency
    }

    /// Nanoseconds of CPU that one sample stands for: the kernel divides 10⁹ by the frequency once,
    /// rounding down (perf_swevent_init_hrtimer, kernel/events/core.c).
    package var period: Int64 { 1_000_000_000 / Int64(frequency) }

    /// The ring: one second of samples of 1 KiB (about 115 frames) from every CPU, so that a reader
    /// that is late by many drains loses nothing. A power of two of whole pages, as the kernel asks.
    package func ringBytes(cpus: Int) -> UInt32 {
        var bytes: UInt32 = 256 * 1024
        while bytes < UInt32(clamping: cpus * frequency * 1024), bytes < 256 << 20 { bytes *= 2 }
        return bytes
    }
}
