package import BPFRuntime
import ByteReading
import CSampleABI
import LinuxSystem
package import ProfileModel

/// Samples what runs on every CPU: the loaded `on_cpu_sample` program, a cpu-clock event per online
/// CPU, and the ring its records arrive in. Confined to the thread that drains it.
package struct OnCPUSampler: ~Copyable {
    private let configuration: SamplingConfiguration
    private let object: BPFObject
    private let ring: RingBuffer
    private let counters: BPFMap
    private var clocks: [UInt32: CPUClock] = [:]
    /// Busy time of clocks that have ended.
    private var endedBusyTime: UInt64 = 0

    private static let program = "on_cpu_sample"

    /// Loads the program and starts a clock on every CPU that is online.
    package static func start(_ configuration: SamplingConfiguration) throws -> OnCPUSampler {
        let cpus = try OnlineCPUs.current()
        let ringBytes = configuration.ringBytes(cpus: cpus.count)
        let object = try BPFObject(image: Base64.decode(BPFProgramObjects.onCpu), name: "on_cpu")
        var random = SystemRandomNumberGenerator()
        try object.setConstants(
            sampling_settings(
                hash_seed: random.next(), wakeup_bytes: UInt64(ringBytes / 2),
                copy_budget: configuration.copyBudget(cpus: cpus.count)))
        try object.setMaximumEntries(ringBytes, map: "samples")
        try object.load()
        let ring = try RingBuffer(try object.map("samples"))
        let counters = try object.map("counters")
        var sampler = OnCPUSampler(
            configuration, object: object, ring: ring, counters: counters)
        try sampler.follow(cpus)
        return sampler
    }

    private init(
        _ configuration: SamplingConfiguration, object: consuming BPFObject,
        ring: consuming RingBuffer, counters: BPFMap
    ) {
        self.configuration = configuration
        self.object = object
        self.ring = ring
        self.counters = counters
    }

    /// Becomes readable when the ring is half full; drain on a timer besides.
    package var pollDescriptor: Int32 { ring.pollDescriptor }

    /// The arena of unwind tables and process mappings (`unwind_abi.h`), an array of maps.
    package var segments: BPFMap { get throws(BPFError) { try object.map("segments") } }

    /// Where in the arena each process's mappings are, by tgid.
    package var processes: BPFMap { get throws(BPFError) { try object.map("processes") } }

    /// CPUs that are sampled now.
    package var cpus: [UInt32] { clocks.keys.sorted() }

    /// Starts clocks on CPUs that came, ends those of CPUs that went, and replaces those that stand
    /// still because their CPU went and came back between two calls.
    package mutating func follow(_ online: [UInt32]) throws {
        let idle = try IdleTime.current()
        for (cpu, clock) in clocks where try !online.contains(cpu) || !clock.hasMoved() {
            endedBusyTime += try clock.busyTime(idle: idle[cpu])
            clocks[cpu] = nil
        }
        for cpu in online where clocks[cpu] == nil {
            do {
                let event = try PerfEvent(
                    cpuClockOn: cpu, frequency: UInt32(configuration.frequency))
                let link = try object.attach(program: Self.program, toEvent: event.descriptor)
                clocks[cpu] = CPUClock(event: event, link: link, idle: idle[cpu] ?? 0)
            } catch let error as SystemCallError where error.isNoDevice {
                continue  // it went offline in between
            }
        }
        for (cpu, clock) in clocks { clock.noteIdle(idle[cpu]) }
    }

    /// Hands over every sample that is complete now. Returns how many records did not decode: they
    /// were delivered, but there is nothing to store.
    package func drain(_ body: (Sample) -> Void) throws(BPFError) -> Int {
        var undecoded = 0
        try ring.drain { record in
            do {
                body(try SampleDecoder.decode(record))
            } catch {
                undecoded += 1
            }
        }
        return undecoded
    }

    /// Where every tick went so far.
    package func ledger() throws -> SamplingLedger {
        let idle = try IdleTime.current()
        var busy = endedBusyTime
        for (cpu, clock) in clocks { busy += try clock.busyTime(idle: idle[cpu]) }
        let sums = try counters.perCPUSums(count: Int(COUNTER_COUNT.rawValue))
        let due = busy / UInt64(configuration.period)
        let fired = sums[Int(COUNTER_FIRED.rawValue)]
        return SamplingLedger(counters: sums, missedEstimate: due > fired ? due - fired : 0)
    }

    /// Runs and nanoseconds of the BPF program; zero unless `kernel.bpf_stats_enabled` is 1.
    package func statistics() throws(BPFError) -> BPFStatistics {
        try object.statistics(of: Self.program)
    }
}
