package import Aggregation
import Foundation
import LinuxSystem
import ProfileModel
package import Sampling
import Synchronization

/// The sampler of this machine on a thread of its own, for its reads block: what the daemon and
/// `hearth record` share. The only door to `SamplingLoop`.
package final class NodeProfiler: Sendable {
    package let sampling: SamplingConfiguration
    package let ledger = SampleLedger()
    private let control: LoopControl
    private let completion = Completion()

    private init(_ sampling: SamplingConfiguration) throws {
        self.sampling = sampling
        control = try LoopControl()
    }

    /// Loads the program and starts sampling; nothing is collected until somebody asks.
    package static func start(_ sampling: SamplingConfiguration) async throws -> NodeProfiler {
        try await start(sampling) { _ in }
    }

    /// Starts sampling into windows of `seconds`, one after the other, until the loop stops. The
    /// first window holds every sample from the first on.
    ///
    /// At most `backlog` wait to be taken; when more would, the new one is dropped and counted.
    static func start(
        _ sampling: SamplingConfiguration, windowSeconds seconds: Int, backlog: Int,
        keepingSingles: Bool = false, labelling: any SeriesLabelling & Sendable
    ) async throws -> (profiler: NodeProfiler, windows: AsyncStream<Window>) {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Window.self, bufferingPolicy: .bufferingOldest(backlog))
        let profiler = try await start(sampling) { loop in
            let ledger = loop.ledger
            let schedule = WindowSchedule(
                seconds: seconds, monotonic: Clock.monotonic, real: Clock.real)
            let sink: Collector.Sink = { window, refused in
                ledger.drop(refused, .window)
                if case .dropped(let lost) = continuation.yield(window) {
                    ledger.drop(UInt64(lost.sampleCount), .backlog)
                }
            }
            _ = loop.add(
                Collector(
                    windows: schedule, period: loop.period, labelling: labelling,
                    keepingSingles: keepingSingles, sink: sink,
                    whenOver: { continuation.finish() }))
        }
        return (profiler, stream)
    }

    /// `prepare` runs on the loop's thread before the first sample is looked at.
    private static func start(
        _ sampling: SamplingConfiguration, prepare: @escaping @Sendable (SamplingLoop) -> Void
    ) async throws -> NodeProfiler {
        try PrivilegeError.check()
        let profiler = try NodeProfiler(sampling)
        try await withCheckedThrowingContinuation { (ready: CheckedContinuation<Void, any Error>) in
            let thread = Thread {
                let loop: SamplingLoop
                do {
                    loop = try SamplingLoop(
                        sampling, control: profiler.control, ledger: profiler.ledger)
                } catch {
                    profiler.control.finish()
                    profiler.completion.finish(.failure(error))
                    ready.resume(throwing: error)
                    return
                }
                prepare(loop)
                ready.resume()
                profiler.completion.finish(Result { try loop.run() })
            }
            thread.name = "sampling"
            thread.start()
        }
        return profiler
    }

    /// Ends sampling; every collector hands over what it has.
    package func stop() { control.stop() }

    /// Returns when the loop has ended, throws what ended it.
    package func waitUntilStopped() async throws { try await completion.wait() }

    /// Runs `body` on the sampling thread between two rounds. Nil when the loop is over.
    func ask<Answer: Sendable>(
        _ body: @escaping @Sendable (SamplingLoop) -> Answer
    ) async -> Answer? { await control.ask(body) }

    /// Where every tick of the kernel's side went; nil when that cannot be read.
    package func samplingLedger() async -> SamplingLedger? {
        await ask { try? $0.sampler.ledger() } ?? nil
    }

    /// Everything that is sampled in the next `seconds` (nil: until the task is cancelled) and that
    /// `labelling` wants. Cancelling ends it early, with what there is. Nil when sampling has ended.
    ///
    /// - Parameter started: called once the recording runs, before the first sample.
    package func record(
        seconds: Double?, labelling: any SeriesLabelling & Sendable,
        started: @escaping @Sendable () -> Void = {}
    ) async -> Window? {
        let period = sampling.period
        let recording = Recording()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { done in
                control.post { loop in
                    guard let loop else { return done.resume(returning: nil) }
                    let end = seconds.map { Clock.monotonic + UInt64($0 * 1e9) } ?? .max
                    let number = loop.add(
                        Collector(until: end, period: period, labelling: labelling) { window, _ in
                            done.resume(returning: window)
                        })
                    started()
                    if recording.begin(number) { loop.end(number) }
                }
            }
        } onCancel: {
            if let number = recording.cancel() { control.post { $0?.end(number) } }
        }
    }
}

/// A recording that may be cancelled before it runs.
private final class Recording: Sendable {
    private struct State {
        var number: Int?
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// Returns whether it was cancelled before.
    func begin(_ number: Int) -> Bool {
        state.withLock { state in
            state.number = number
            return state.isCancelled
        }
    }

    /// The collector to end, if it runs already.
    func cancel() -> Int? {
        state.withLock { state in
            state.isCancelled = true
            return state.number
        }
    }
}
