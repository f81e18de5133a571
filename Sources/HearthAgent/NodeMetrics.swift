import BPFRuntime
import HTTPSurface
import ImageFiles
import LinuxSystem
import ProcessTracking
import ProfileModel
import ProfileStore
import RecentSamples
import Sampling
import Symbolication
import UnwindTables

/// Everything `/metrics` shows of a node.
struct NodeMetrics {
    /// Nil when sampling has ended.
    let reading: LoopReading?
    let samples: SampleLedger.Counts
    let store: StoreStatus
    /// Nil when single samples are not kept.
    let recent: RecentHoldings?
    let names: SymbolicationCounters
    let usage: ResourceUsage

    var families: [MetricFamily] {
        build + sampling + pipeline + tracking + unwinding + naming + storing
            + (recent?.metrics ?? []) + process
    }

    private var build: [MetricFamily] {
        [
            MetricFamily(
                "hearth_build_info", .gauge, help: "1; the version is a label.",
                [.init(1, [Label("version", Version.text)])])
        ]
    }

    private var sampling: [MetricFamily] {
        guard let ledger = reading?.ledger, let program = reading?.program else { return [] }
        return [
            counter(
                "hearth_samples_fired_total", "Ticks that reached the BPF program.", ledger.fired),
            counter(
                "hearth_samples_delivered_total", "Ticks whose sample was put into the ring.",
                ledger.delivered),
            tally(
                "hearth_samples_lost_total",
                "Ticks that gave no sample, by reason: fired = delivered + the sum of these.",
                ledger.lost.map { ($0.label, $0.count) }),
            tally(
                "hearth_samples_impaired_total",
                "Samples that lack a part, by what was wrong; delivered all the same.",
                ledger.impaired.map { ($0.label, $0.count) }),
            MetricFamily(
                "hearth_samples_missed_estimate", .gauge,
                help: "Ticks that never reached the program, estimated from busy time.",
                Double(ledger.missedEstimate)),
            counter(
                "hearth_bpf_runs_total",
                "Runs of the BPF program, while kernel.bpf_stats_enabled is 1.",
                program.runs),
            MetricFamily(
                "hearth_bpf_seconds_total", .counter,
                help: "Time in the BPF program, while kernel.bpf_stats_enabled is 1.",
                Double(program.nanoseconds) / 1e9),
            counter(
                "hearth_bpf_recursion_misses_total",
                "Ticks that hit the program while it ran on the same CPU.", program.recursionMisses),
            gauge("hearth_cpus", "CPUs that are sampled.", reading?.cpuCount ?? 0),
        ]
    }

    private var pipeline: [MetricFamily] {
        [
            counter(
                "hearth_samples_received_total", "Samples taken out of the ring.", samples.received),
            counter(
                "hearth_samples_stored_total", "Samples whose window is stored.", samples.stored),
            tally(
                "hearth_samples_dropped_total",
                "Samples received and not stored, by reason: received = stored + these + pending.",
                SampleLedger.DropReason.allCases.map { ($0.rawValue, samples.dropped[$0] ?? 0) }),
            MetricFamily(
                "hearth_samples_pending", .gauge,
                help: "Samples in the open window, or on the way to the store.",
                Double(samples.pending)),
        ]
    }

    private var tracking: [MetricFamily] {
        guard let reading else { return [] }
        return [
            gauge("hearth_processes_known", "Processes known now.", reading.knownProcesses),
            gauge(
                "hearth_processes_sampled", "Known processes with samples.",
                reading.sampledProcesses),
            counter(
                "hearth_process_records_total", "Perf records of processes.",
                reading.records.records),
            counter(
                "hearth_process_records_lost_total", "Perf records the kernel dropped.",
                reading.tracker.lostRecords),
            counter(
                "hearth_process_records_undecodable_total", "Perf records that do not decode.",
                reading.records.undecodable),
            counter(
                "hearth_process_scans_total", "Reads of a process from /proc.",
                reading.tracker.scans),
            counter(
                "hearth_processes_refused_total", "Processes not kept: too many at once.",
                reading.tracker.refusedProcesses),
        ]
    }

    private var unwinding: [MetricFamily] {
        guard let counters = reading?.unwinding else { return [] }
        return [
            gauge(
                "hearth_unwind_known_processes", "Processes BPF unwinds by itself.",
                counters.knownProcesses),
            gauge("hearth_unwind_tables", "Unwind tables in memory.", counters.tables),
            gauge("hearth_unwind_table_bytes", "Their size.", counters.tableBytes),
            gauge(
                "hearth_unwind_arena_bytes", "Memory BPF reads tables and mappings from.",
                counters.arenaBytes),
            gauge(
                "hearth_unwind_arena_limit_bytes", "What that memory may become.",
                counters.arenaLimit),
            counter(
                "hearth_unwind_tables_loaded_total", "Unwind tables built.", counters.loaded),
            counter(
                "hearth_unwind_tables_evicted_total", "Unwind tables given up for room.",
                counters.evicted),
            MetricFamily(
                "hearth_unwind_load_seconds_total", .counter,
                help: "Time spent reading files and building unwind tables.",
                Double(counters.loadNanoseconds) / 1e9),
            counter(
                "hearth_unwind_stack_copies_total",
                "Stacks that BPF sent as copies, unwound in user space.", counters.unwound),
            counter(
                "hearth_unwind_processes_published_total",
                "Times a process's mappings were handed to BPF.", counters.published),
            counter(
                "hearth_unwind_processes_introduced_total",
                "Times a process was made known to BPF before its sample's turn came.",
                counters.introduced),
            counter(
                "hearth_unwind_processes_refused_total",
                "Times there was no room for a process's mappings.", counters.refusedProcesses),
            tally(
                "hearth_unwind_images_without_total",
                "Times an image got no unwind table, by reason.",
                counters.imagesWithout.map { ($0.reason, $0.count) }),
        ]
    }

    private var naming: [MetricFamily] {
        [
            gauge("hearth_symbol_tables", "Symbol tables in memory.", names.tables),
            gauge("hearth_symbol_table_bytes", "Their size.", names.tableBytes),
            counter("hearth_symbol_tables_loaded_total", "Symbol tables read.", names.loaded),
            counter(
                "hearth_symbol_tables_evicted_total", "Symbol tables given up for room.",
                names.evicted),
            tally(
                "hearth_images_unnamed_total", "Images that gave no names, by reason.",
                names.failed.map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }),
        ]
    }

    private var storing: [MetricFamily] {
        [
            MetricFamily(
                "hearth_store_writable", .gauge, help: "1 when the last write succeeded.",
                store.problem == nil ? 1 : 0),
            gauge("hearth_store_series", "Series stored.", store.seriesCount),
            gauge("hearth_store_partitions", "Partition files.", store.partitionCount),
            MetricFamily(
                "hearth_store_bytes", .gauge, help: "Disk space allocated.",
                Double(store.bytesOnDisk)),
            counter(
                "hearth_store_pairs_written_total", "Pairs of stack and value written.",
                UInt64(clamping: store.pairsWritten)),
            gauge(
                "hearth_store_hours_to_roll_up", "Hours known to have no true roll-up yet.",
                store.hoursToRollUp),
            counter(
                "hearth_store_damaged_partitions_total", "Partition files set aside as damaged.",
                UInt64(clamping: store.damagedPartitions)),
            counter(
                "hearth_store_damaged_rows_total", "Stored windows that could not be read.",
                UInt64(clamping: store.damagedRows)),
        ]
    }

    /// By the names Prometheus' own client libraries use.
    private var process: [MetricFamily] {
        [
            MetricFamily(
                "process_cpu_seconds_total", .counter,
                help: "User and system CPU time of the agent.",
                usage.processorSeconds),
            MetricFamily(
                "process_resident_memory_bytes", .gauge, help: "Resident memory of the agent.",
                Double(usage.residentBytes)),
            MetricFamily(
                "hearth_bpf_map_bytes", .gauge, help: "Kernel memory of the agent's BPF maps.",
                Double(usage.mapBytes ?? 0)),
        ]
    }

    private func counter(_ name: String, _ help: String, _ value: UInt64) -> MetricFamily {
        MetricFamily(name, .counter, help: help, Double(value))
    }

    private func gauge(_ name: String, _ help: String, _ value: Int) -> MetricFamily {
        MetricFamily(name, .gauge, help: help, Double(value))
    }

    private func tally(
        _ name: String, _ help: String, _ counts: [(reason: String, count: UInt64)]
    ) -> MetricFamily {
        MetricFamily(
            name, .counter, help: help,
            counts.map { .init(Double($0.count), [Label("reason", $0.reason)]) })
    }
}
