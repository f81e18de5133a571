private import CLinuxShims
import Glibc

/// A perf event of one CPU, closed when its owner goes (`perf_event_open(2)`).
package struct PerfEvent: ~Copyable, Sendable {
    /// Borrowed: for `poll(2)` and for whoever attaches a BPF program; do not close it.
    package var descriptor: Int32 { file.number }
    package let cpu: UInt32
    private let file: OwnedDescriptor
    private let countsLosses: Bool

    /// A clock that ticks `frequency` times a second on one CPU; it starts disabled.
    ///
    /// Nothing is recorded by the event itself: a BPF program attached to it sees every tick. The
    /// period is given in nanoseconds, because a frequency is refused once the kernel has lowered
    /// `perf_event_max_sample_rate`, and the cpu-clock turns a frequency into that period anyway.
    package init(
        cpuClockOn cpu: UInt32, frequency: UInt32, excludeIdle: Bool = true
    ) throws(SystemCallError) {
        guard frequency > 0 else {
            throw SystemCallError("perf_event_open", "cpu-clock at 0 Hz", errno: EINVAL)
        }
        var attributes = Self.software(PERF_COUNT_SW_CPU_CLOCK)
        attributes.sample_period = 1_000_000_000 / UInt64(frequency)
        attributes.exclude_idle = excludeIdle ? 1 : 0
        try self.init(attributes, cpu: cpu, subject: "cpu-clock on CPU \(cpu)")
    }

    /// An event that counts nothing but carries records of processes of one CPU; starts disabled.
    ///
    /// Records: `MMAP2` of executable mappings, `COMM`, `FORK`, `EXIT`. Each ends in thread ids, time (CLOCK_MONOTONIC) and CPU. The reader
    /// is woken whenever `wakeupBytes` more bytes are unread.
    package init(processRecordsOn cpu: UInt32, wakeupBytes: UInt32) throws(SystemCallError) {
        var attributes = Self.software(PERF_COUNT_SW_DUMMY)
        attributes.mmap = 1
        attributes.mmap2 = 1
        attributes.comm = 1
        attributes.comm_exec = 1
        attributes.task = 1
        // Not build_id: the kernel would mark everybody's records as if they asked for it, and perf
        // before 6.2 aborts on such records (docs/decisions/0005).
        attributes.sample_id_all = 1
        attributes.sample_type =
            UInt64(PERF_SAMPLE_TID.rawValue) | UInt64(PERF_SAMPLE_TIME.rawValue)
            | UInt64(PERF_SAMPLE_CPU.rawValue)
        attributes.watermark = 1
        attributes.wakeup_watermark = wakeupBytes
        try self.init(attributes, cpu: cpu, subject: "process records on CPU \(cpu)")
    }

    /// Opens with PERF_FORMAT_LOST (Linux 6.0), and without it where the kernel does not know it.
    private init(
        _ attributes: perf_event_attr, cpu: UInt32, subject: String
    ) throws(SystemCallError) {
        var attributes = attributes
        let enabledTime = UInt64(PERF_FORMAT_TOTAL_TIME_ENABLED.rawValue)
        self.cpu = cpu
        for countsLosses in [true, false] {
            let losses = countsLosses ? UInt64(PERF_FORMAT_LOST.rawValue) : 0
            attributes.read_format = enabledTime | losses
            let number = unsafe shim_perf_event_open(
                &attributes, -1, Int32(clamping: cpu), -1, UInt(PERF_FLAG_FD_CLOEXEC))
            if number >= 0 {
                self.countsLosses = countsLosses
                file = OwnedDescriptor(owning: number)
                return
            }
            guard countsLosses, errno == EINVAL else { break }
        }
        throw .last("perf_event_open", subject)
    }

    private static func software(_ event: perf_sw_ids) -> perf_event_attr {
        var attributes = perf_event_attr()
        attributes.type = PERF_TYPE_SOFTWARE.rawValue
        attributes.size = UInt32(MemoryLayout<perf_event_attr>.size)
        attributes.config = UInt64(event.rawValue)
        attributes.disabled = 1
        attributes.use_clockid = 1
        attributes.clockid = CLOCK_MONOTONIC
        return attributes
    }

    package borrowing func enable() throws(SystemCallError) {
        guard shim_perf_enable(file.number) == 0 else { throw .last("enable the perf event") }
    }

    package borrowing func disable() throws(SystemCallError) {
        guard shim_perf_disable(file.number) == 0 else { throw .last("disable the perf event") }
    }

    /// What `read(2)` says of an event.
    package struct Counts: Hashable, Sendable {
        /// Nanoseconds the event was on. It stands still once the event's CPU went offline, and
        /// stays so after the CPU is back: such an event has to be opened anew.
        package let enabledTime: UInt64
        /// Records the kernel had to drop since the event was opened; nil before Linux 6.0.
        package let lost: UInt64?
    }

    package borrowing func counts() throws(SystemCallError) -> Counts {
        var words: [UInt64] = [0, 0, 0]  // value, time enabled, lost
        let size = (countsLosses ? 3 : 2) * MemoryLayout<UInt64>.size
        guard unsafe read(file.number, &words, size) == size else {
            throw .last("read", "perf event")
        }
        return Counts(enabledTime: words[1], lost: countsLosses ? words[2] : nil)
    }
}

extension SystemCallError {
    /// ENODEV: the CPU a perf event is wanted for is not online.
    package var isNoDevice: Bool { errno == ENODEV }

    /// Something ran out that others may give back: descriptors, memory.
    package var isShortage: Bool { [EMFILE, ENFILE, ENOMEM].contains(errno) }
}
