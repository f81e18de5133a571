import BPFRuntime
import ProcessTracking
import Sampling
import UnwindTables

/// The sampling loop's counters at one moment.
struct LoopReading: Sendable {
    let ledger: SamplingLedger
    let program: BPFStatistics
    let cpuCount: Int
    let records: ProcessEventSource.Counters
    let tracker: ProcessTracker.Counters
    let knownProcesses: Int
    let sampledProcesses: Int
    let samples: SampleLedger.Counts
    let unwinding: UnwindingCounters
}

extension SamplingLoop {
    /// Nil when the kernel does not give its counters.
    func reading() -> LoopReading? {
        guard let counters = try? sampler.ledger(), let program = try? sampler.statistics() else {
            return nil
        }
        return LoopReading(
            ledger: counters, program: program, cpuCount: sampler.cpus.count,
            records: source.counters, tracker: tracker.counters,
            knownProcesses: tracker.processCount, sampledProcesses: health.count,
            samples: ledger.counts, unwinding: stacks.counters)
    }
}
