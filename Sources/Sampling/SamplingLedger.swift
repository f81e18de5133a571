import CSampleABI

/// Where every tick of the sampler went: *fired* = *delivered* + the sum of *lost*, exactly.
package struct SamplingLedger: Hashable, Sendable {
    /// A counter of `bpf/abi/counter_list.h`: its label in metrics and what it means.
    package struct Entry: Hashable, Sendable {
        package let label: String
        package let meaning: String
        package let count: UInt64
    }

    /// Entries into the BPF program.
    package let fired: UInt64
    /// Records put into the ring buffer.
    package let delivered: UInt64
    /// Entries that ended without a record, by reason.
    package let lost: [Entry]
    /// What went wrong inside samples that were delivered all the same.
    package let impaired: [Entry]
    /// Ticks that never reached the program, idle time taken out: an estimate from the events' own
    /// clocks and the kernel's idle accounting, never part of the law above.
    package let missedEstimate: UInt64

    /// `counters` in the order of the list, summed over CPUs.
    init(counters: [UInt64], missedEstimate: UInt64) {
        func entry(_ counter: counter) -> Entry {
            Entry(
                label: unsafe counter_label(counter.rawValue).map { unsafe String(cString: $0) }
                    ?? "",
                meaning: unsafe counter_meaning(counter.rawValue).map { unsafe String(cString: $0) }
                    ?? "",
                count: counters[Int(counter.rawValue)])
        }
        fired = counters[Int(COUNTER_FIRED.rawValue)]
        delivered = counters[Int(COUNTER_DELIVERED.rawValue)]
        lost = [COUNTER_LOST_RING_FULL, COUNTER_LOST_NO_SCRATCH].map(entry)
        impaired = [
            COUNTER_KERNEL_STACK_FAILED, COUNTER_USER_REGS_FAILED, COUNTER_COPY_REFUSED,
        ].map(entry)
        self.missedEstimate = missedEstimate
    }

    /// fired − delivered − Σ lost: 0, but for the ticks under way while the counters are read.
    package var unaccounted: Int64 {
        Int64(clamping: fired) - Int64(clamping: delivered)
            - lost.reduce(0) { $0 + Int64(clamping: $1.count) }
    }
}
