import ServiceLifecycle

/// The sampler as one of the daemon's services: what ends it ends the daemon.
struct SamplingService: Service {
    let profiler: NodeProfiler

    func run() async throws {
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await profiler.waitUntilStopped()
        } onCancelOrGracefulShutdown: {
            profiler.stop()
        }
    }
}
