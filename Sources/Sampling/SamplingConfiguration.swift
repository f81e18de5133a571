/// How the machine is sampled.
package struct SamplingConfiguration: Hashable, Sendable {
    /// Samples per second and CPU.
    package let frequency: Int
    /// What unwind tables and process mappings may take of memory, in BPF maps.
    package var unwindBytes = 32 << 20

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
    /// that is late by many drains loses nothing, and room for some hundred stack copies: what a burst
    /// of new processes causes. Copies get half of the ring at most (`stack_copy.bpf.h`). A power of two of whole pages, as the kernel asks.
    package func ringBytes(cpus: Int) -> UInt32 {
        var bytes: UInt32 = 4 << 20
        while bytes < UInt32(clamping: cpus * frequency * 1024), bytes < 256 << 20 { bytes *= 2 }
        return bytes
    }

    /// Stack copies a process may cause in a second or so: as many as it can have ticks. What holds
    /// them back is the ring, of which copies get half; this bounds what one process takes of it.
    package func copyBudget(cpus: Int) -> UInt64 { UInt64(max(64, cpus * frequency)) }
}
