import HTTPSurface
import Hummingbird
import Logging
import ProfileModel
import ProfileQuery
import ProfileStore
import Synchronization

/// A node that answers what a test tells it to.
final class FakeNode: NodeReporting {
    let readinessNow = Mutex(Readiness.ready)
    let collected = Mutex<[(seconds: Int, matchers: [LabelMatcher])]>([])
    let collectError = Mutex<(any Error)?>(nil)

    func processes() async -> [ProcessReport] {
        [
            ProcessReport(
                tgid: 7, start: 1_700_000_000_000, comm: "idle", exe: "/bin/idle",
                serviceName: "idle", cgroup: "/", samples: 0, wholeShare: nil, stopReasons: []),
            ProcessReport(
                tgid: 42, start: 1_700_000_000_000, comm: "nginx", exe: "/usr/sbin/nginx",
                serviceName: "nginx", cgroup: "/system.slice/nginx.service", samples: 100,
                wholeShare: 0.75,
                stopReasons: [
                    TalliedReason(
                        reason: "no-frame-pointer", meaning: "frame pointer is wrong", count: 25)
                ]),
        ]
    }

    func status() async -> StatusReport {
        StatusReport(
            version: "1.2.3", host: "node", kernel: "6.12.0", architecture: "x86_64",
            startedAt: 1_700_000_000_000, uptimeSeconds: 12.5, page: "http://127.0.0.1:4041/",
            sampling: .init(frequencyHertz: 97, windowSeconds: 10, onlineCpus: 2),
            ledger: .init(
                fired: 1000, delivered: 990,
                lost: [TalliedReason(reason: "ring_full", meaning: "the ring was full", count: 10)],
                unaccounted: 0, impaired: [], missedEstimate: 3, stored: 900, dropped: [],
                pending: 90),
            bpf: [.init(name: "on_cpu_sample", runCount: 1000, runNanoseconds: nil)],
            memory: .init(
                residentBytes: 1 << 25, anonymousBytes: 1 << 24, kernelBytes: nil, cgroupBytes: nil,
                budgetBytes: 96 << 20),
            processes: .init(known: 2, sampled: 1),
            unwinding: .init(
                knownProcesses: 1, tables: 2, tableBytes: 1 << 20, arenaBytes: 1 << 21,
                arenaLimitBytes: 1 << 25, tablesLoaded: 2, tablesEvicted: 0, loadSeconds: 0.5,
                imagesWithout: [], stacksFromCopies: 3),
            store: .init(
                directory: "/var/lib/hearth", problem: nil, series: 1, partitions: 1,
                bytesOnDisk: 4096, pairsWritten: 12, oldest: nil, newest: nil))
    }

    func readiness() async -> Readiness { readinessNow.withLock { $0 } }

    func metrics() async -> [MetricFamily] {
        [
            MetricFamily(
                "hearth_samples_lost_total", .counter,
                help: "Samples lost, by reason.\nTwo lines \\.",
                [.init(10, [Label("reason", "a \"quoted\"\\\nreason")]), .init(0.5)]),
            MetricFamily("hearth_series", .gauge, help: "Series.", 18_446_744_073),
        ]
    }

    func collect(seconds: Int, matchers: [LabelMatcher]) async throws -> MergedProfile {
        collected.withLock { $0.append((seconds, matchers)) }
        if let error = collectError.withLock({ $0 }) { throw error }
        return MergedProfile(
            type: .cpu, range: nil, period: 10_309_278, table: Fixture.batch.table,
            values: Fixture.batch.profiles[0].values)
    }
}

/// One window of one application with three stacks, one of them cut, in a store in memory.
enum Fixture {
    static let start = Timestamp(milliseconds: 1_700_000_000_000)
    static let query = "process_cpu:cpu:nanoseconds:cpu:nanoseconds%7Bservice_name%3D%22nginx%22%7D"
    static let range = "from=1699999990&until=1700000020"

    static let batch: ProfileBatch = {
        var table = StackTable()
        func location(_ name: String, _ module: String, _ kind: FrameKind = .native) -> Int32 {
            table.intern(
                Location(named: [Line(function: Function(name: name))], kind: kind, module: module))
        }
        let main = location("main", "nginx")
        let handler = location("handle \"request\"", "nginx")
        let read = location("vfs_read", "vmlinux", .kernel)
        let cut = table.intern(Location(cutBy: .noFramePointer))
        let values = [
            StackValue(stack: table.intern(stack: [handler, main]), value: 600),
            StackValue(stack: table.intern(stack: [read, handler, main]), value: 300),
            StackValue(stack: table.intern(stack: [handler, cut]), value: 100),
        ]
        let profile = Profile(
            labels: LabelSet([Label("service_name", "nginx"), Label("comm", "nginx")]), type: .cpu,
            start: start, durationMilliseconds: 10_000, period: 10_309_278, values: values)
        return ProfileBatch(table: table, profiles: [profile])
    }()

    /// One window each of `service-0` and so on, with a label name that needs quotes.
    static func batch(services: Int) -> ProfileBatch {
        let profiles = (0..<services).map { number in
            Profile(
                labels: LabelSet([
                    Label("service_name", "service-\(number)"), Label("otel.scope.name", "tests"),
                ]), type: .cpu, start: start, durationMilliseconds: 10_000, period: 10_309_278,
                values: batch.profiles[0].values)
        }
        return ProfileBatch(table: batch.table, profiles: profiles)
    }

    static func store() async throws -> MemoryProfileStore {
        let store = MemoryProfileStore()
        try await store.write(batch)
        return store
    }

    static func application(
        node: FakeNode = FakeNode(), store: (any ProfileStore)? = nil,
        hosts: HostPolicy = HostPolicy(listenHost: "127.0.0.1")
    ) async throws -> some ApplicationProtocol {
        var engineStore: any ProfileStore = try await Self.store()
        if let store { engineStore = store }
        let surface = HTTPSurface(
            engine: QueryEngine(store: engineStore), node: node, hosts: hosts)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return Application(router: surface.router(), logger: logger)
    }
}
