import Aggregation
import HTTPSurface
import Identity
import LinuxSystem
import Logging
import ProfileModel
import ProfileQuery
import ProfileStore
import RecentSamples
import Sampling
import ServiceLifecycle
import Symbolication
import UnixSignals

/// The node daemon: samples, names, stores, serves, until SIGTERM or SIGINT.
package struct Agent: Sendable {
    private let configuration: AgentConfiguration
    private let announce: @Sendable (String) -> Void

    /// Windows that may wait for the store: two minutes of a slow disk at ten seconds each.
    private static let backlog = 12

    /// `announce` gets the page's address when it can be opened.
    package init(
        _ configuration: AgentConfiguration, announce: @escaping @Sendable (String) -> Void
    ) {
        self.configuration = configuration
        self.announce = announce
    }

    /// Runs until it is told to stop; the window under way is stored first.
    package func run() async throws {
        Machine.giveMemoryBack()
        var logger = Logger(label: "hearth") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = configuration.logLevel
        if !Machine.isInInitialPIDNamespace {
            logger.warning(
                "This is a container's pid namespace: most processes stay without names. Share the host's (docker run --pid=host)."
            )
        }
        try PrivilegeError.check()  // before it complains of a directory that root could make
        let store = try await openStore()
        do {
            try await run(store, logger: logger)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    private var shares: MemoryShares { MemoryShares(budget: configuration.memoryBudget) }

    private func openStore() async throws -> SQLiteProfileStore {
        let store = try await SQLiteProfileStore(
            directory: configuration.dataDirectory,
            options: StoreOptions(
                spaceFloor: configuration.minimumFreeBytes,
                dictionaryMemory: shares.dictionaries,
                retention: RetentionPolicy(
                    maximumAge: .seconds(configuration.retentionSeconds),
                    maximumHourlyAge: .seconds(configuration.hourlyRetentionSeconds),
                    maximumBytes: configuration.maximumBytes)))
        do {
            // Retention first: it may be what makes room.
            try await store.applyRetention(
                now: Timestamp(milliseconds: Int64(Clock.real / 1_000_000)))
            try await store.requireRoom()
        } catch {
            await store.close()
            throw error
        }
        return store
    }

    private func recentSamples() -> RecentSamples? {
        guard configuration.recentBytes > 0 else { return nil }
        return RecentSamples(
            directory: configuration.dataDirectory,
            options: RecentOptions(
                spanMilliseconds: Int64(configuration.recentSeconds) * 1000,
                byteLimit: Int(clamping: configuration.recentBytes), memoryLimit: shares.recent))
    }

    private func run(_ store: SQLiteProfileStore, logger: Logger) async throws {
        let host = try configuration.host ?? Machine.hostName()
        var sampling = configuration.sampling
        sampling.unwindBytes = shares.unwinding
        let (profiler, windows) = try await NodeProfiler.start(
            sampling, windowSeconds: configuration.windowSeconds,
            backlog: Self.backlog, keepingSingles: configuration.recentBytes > 0,
            labelling: ApplicationLabelling(host: host))
        let recent = recentSamples()
        let depot =
            configuration.debuginfodURLs.isEmpty
            ? nil : DebugFileDepot(directory: configuration.dataDirectory + "/debug")
        let names = Symbolicator(
            byteBudget: shares.symbols,
            cache: SymbolCache(
                directory: configuration.dataDirectory + "/symbols",
                byteLimit: Int(clamping: configuration.symbolCacheBytes),
                spaceFloor: configuration.minimumFreeBytes), depot: depot,
            style: configuration.nameStyle)
        let problems = ProblemLog(logger: logger)
        let reporter = NodeReporter(
            configuration, host: host, profiler: profiler, store: store, recent: recent,
            names: names)
        let fetchers: [any Service] =
            depot.map {
                [
                    DebugFileFetcher(
                        urls: configuration.debuginfodURLs, depot: $0, names: names,
                        problems: problems)
                ]
            } ?? []
        try await serve(
            fetchers + [
                // They stop in reverse: no more requests, then the last window.
                ProfilingService(
                    profiler: profiler, windows: windows, names: names, store: store,
                    recent: recent, problems: problems),
                StoreKeeper(store: store, problems: problems),
                server(
                    QueryEngine(store: store, recent: recent), reporter: reporter, logger: logger),
            ], logger: logger)
    }

    private func server(
        _ engine: QueryEngine, reporter: NodeReporter, logger: Logger
    ) -> SurfaceServer {
        let listen = configuration.listen
        let surface = HTTPSurface(
            engine: engine, node: reporter,
            hosts: HostPolicy(listenHost: listen.host, extra: configuration.allowedHosts),
            windowSeconds: configuration.windowSeconds)
        var quiet = logger
        if quiet.logLevel == .info { quiet.logLevel = .notice }  // it would repeat the address
        return SurfaceServer(surface, host: listen.host, port: listen.port, logger: quiet) { port in
            let url = "http://\(ListenAddress(host: listen.host, port: port))/"
            reporter.listens(at: url)
            announce(url)
        }
    }

    private func serve(_ services: [any Service], logger: Logger) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                .init(
                    service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .cancelGroup)
            },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: configuration).run()
    }
}
