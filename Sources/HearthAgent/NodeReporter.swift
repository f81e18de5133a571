import Aggregation
import BPFRuntime
import HTTPSurface
import Identity
import LinuxSystem
import ProcessTracking
import ProfileModel
import ProfileStore
import RecentSamples
import Sampling
import Symbolication
import Synchronization
import UnwindTables

/// Answers for this node: what it profiles, how well, and what that costs.
final class NodeReporter: NodeReporting {
    private let configuration: AgentConfiguration
    private let host: String
    private let profiler: NodeProfiler
    private let store: any ProfileStore
    private let recent: RecentSamples?
    private let names: Symbolicator
    private let startedAt = Clock.real
    private let page = Mutex("")

    init(
        _ configuration: AgentConfiguration, host: String, profiler: NodeProfiler,
        store: any ProfileStore, recent: RecentSamples?, names: Symbolicator
    ) {
        self.configuration = configuration
        self.host = host
        self.profiler = profiler
        self.store = store
        self.recent = recent
        self.names = names
    }

    /// The page's address: known when the server listens.
    func listens(at url: String) { page.withLock { $0 = url } }

    func processes() async -> [ProcessReport] {
        let rules = IdentityRules(host: host)
        let bootTime = Clock.real &- Clock.boot
        let snapshots = await profiler.ask { $0.snapshots() } ?? []
        return snapshots.map { $0.report(rules: rules, bootTime: bootTime, names: names) }
    }

    func readiness() async -> Readiness {
        guard await profiler.ask({ _ in true }) == true else {
            return .notReady("sampling has ended; the log says why")
        }
        if let problem = await store.status().problem { return .notReady(problem) }
        return .ready
    }

    func collect(seconds: Int, matchers: [LabelMatcher]) async throws -> MergedProfile {
        let store = MemoryProfileStore()
        let window = await profiler.record(
            seconds: Double(seconds), labelling: ApplicationLabelling(host: host))
        guard let window, let ever = TimeRange(Timestamp(milliseconds: 0), window.end) else {
            throw CollectionError()
        }
        // The store knows how selectors match; it keeps the window for this one answer.
        try await store.write(ProfileBuilder().batch(from: window, names: names))
        let merged = try await store.mergeStacks(matchers, type: .cpu, range: ever)
        return MergedProfile(
            type: .cpu, range: TimeRange(window.start, window.end), period: window.period,
            table: merged.table, values: merged.values)
    }

    func metrics() async -> [MetricFamily] {
        let reading = await profiler.ask { $0.reading() } ?? nil
        return NodeMetrics(
            reading: reading, samples: reading?.samples ?? profiler.ledger.counts,
            store: await store.status(), recent: recent?.holdings, names: names.counters,
            usage: .current()
        ).families
    }

    func status() async -> StatusReport {
        let reading = await profiler.ask { $0.reading() } ?? nil
        return StatusReport(
            version: Version.text, host: host, kernel: Machine.kernelRelease,
            architecture: Machine.architecture, startedAt: Int64(startedAt / 1_000_000),
            uptimeSeconds: Double(Clock.real &- startedAt) / 1e9, page: page.withLock { $0 },
            sampling: StatusReport.Sampling(
                frequencyHertz: configuration.sampling.frequency,
                windowSeconds: configuration.windowSeconds, onlineCpus: reading?.cpuCount ?? 0),
            ledger: ledger(reading), bpf: programs(reading), memory: memory(),
            processes: StatusReport.Processes(
                known: reading?.knownProcesses ?? 0, sampled: reading?.sampledProcesses ?? 0),
            unwinding: Self.unwinding(reading), store: await storeReport(),
            recent: recentReport())
    }

    private static func unwinding(_ reading: LoopReading?) -> StatusReport.Unwinding {
        let counters = reading?.unwinding ?? UnwindingCounters()
        return StatusReport.Unwinding(
            knownProcesses: counters.knownProcesses, tables: counters.tables,
            tableBytes: counters.tableBytes, arenaBytes: counters.arenaBytes,
            arenaLimitBytes: counters.arenaLimit, tablesLoaded: counters.loaded,
            tablesEvicted: counters.evicted, loadSeconds: Double(counters.loadNanoseconds) / 1e9,
            imagesWithout: counters.imagesWithout.map {
                TalliedReason(reason: $0.reason, meaning: $0.meaning, count: $0.count)
            }, stacksFromCopies: counters.unwound)
    }

    private func ledger(_ reading: LoopReading?) -> StatusReport.Ledger {
        let samples = reading?.samples ?? profiler.ledger.counts
        let kernel = reading?.ledger
        return StatusReport.Ledger(
            fired: kernel?.fired ?? 0, delivered: kernel?.delivered ?? 0,
            lost: (kernel?.lost ?? []).map { TalliedReason($0) },
            unaccounted: kernel?.unaccounted ?? 0,
            impaired: (kernel?.impaired ?? []).map { TalliedReason($0) },
            missedEstimate: kernel?.missedEstimate ?? 0, stored: samples.stored,
            dropped: SampleLedger.DropReason.allCases.map { reason in
                TalliedReason(
                    reason: reason.rawValue, meaning: reason.meaning,
                    count: samples.dropped[reason] ?? 0)
            },
            pending: samples.pending)
    }

    private func programs(_ reading: LoopReading?) -> [StatusReport.Program] {
        guard let program = reading?.program else { return [] }
        return [
            StatusReport.Program(
                name: "on_cpu_sample", runCount: program.runs,
                runNanoseconds: program.runs > 0 ? program.nanoseconds : nil)
        ]
    }

    private func memory() -> StatusReport.Memory {
        let usage = ResourceUsage.current()
        return StatusReport.Memory(
            residentBytes: usage.residentBytes, anonymousBytes: usage.anonymousBytes,
            kernelBytes: usage.mapBytes, cgroupBytes: nil,
            budgetBytes: configuration.memoryBudget)
    }

    private func recentReport() -> StatusReport.Recent? {
        recent?.holdings.report
    }

    private func storeReport() async -> StatusReport.Store {
        let status = await store.status()
        return StatusReport.Store(
            directory: configuration.dataDirectory, problem: status.problem,
            series: status.seriesCount, partitions: status.partitionCount,
            bytesOnDisk: status.bytesOnDisk, pairsWritten: status.pairsWritten,
            oldest: status.oldest?.milliseconds, newest: status.newest?.milliseconds)
    }
}

/// A live profile was wanted while sampling ends.
private struct CollectionError: Error, CustomStringConvertible {
    let description = "sampling has ended; the log says why"
}

extension TalliedReason {
    fileprivate init(_ entry: SamplingLedger.Entry) {
        self.init(reason: entry.label, meaning: entry.meaning, count: entry.count)
    }
}
