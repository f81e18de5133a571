import Aggregation
import Foundation
import HearthAgent
import LinuxSystem
import ProfileModel
import Sampling
import Symbolication
import UnixSignals

/// Records once: starts the sampler, waits, ends it, names what was seen.
struct Recorder: Sendable {
    let sampling: SamplingConfiguration

    /// For unwind tables: more than the daemon takes, since a recording is short, and several compilers at
    /// once need 40 MiB.
    private static let unwindBytes = 96 << 20
    let scope: RecordingScope

    /// Records for `seconds` (nil: until the command ends); Ctrl-C ends it early and keeps what
    /// there is.
    func record(seconds: Double?, progress: Progress) async throws -> Recording {
        if case .all = scope {
        } else if !Machine.isInInitialPIDNamespace {
            throw CommandError(
                "-p and commands need the machine's own process numbers, and this is a container's "
                    + "pid namespace: run on the host, or in a container with --pid=host")
        }
        if case .process(let tgid) = scope, (try? ProcessFiles(tgid: tgid).status()) == nil {
            throw CommandError("-p \(tgid): there is no such process")
        }
        var sampling = sampling
        sampling.unwindBytes = Self.unwindBytes
        let profiler = try await NodeProfiler.start(sampling)
        do {
            let recording = try await record(seconds: seconds, profiler, progress)
            try await end(profiler)
            return recording
        } catch {
            try? await end(profiler)
            throw error
        }
    }

    private func end(_ profiler: NodeProfiler) async throws {
        profiler.stop()
        try await profiler.waitUntilStopped()
    }

    private func record(
        seconds: Double?, _ profiler: NodeProfiler, _ progress: Progress
    ) async throws -> Recording {
        let labelling = CommandLabelling(scope, starter: UInt32(getpid()))
        let (started, isRunning) = AsyncStream.makeStream(of: Void.self)
        let recording = Task {
            await profiler.record(
                seconds: seconds, labelling: labelling, started: { isRunning.finish() })
        }
        let watch = Task { await show(progress, profiler, seconds: seconds) }
        let interrupts = Task {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                recording.cancel()
            }
        }
        defer {
            watch.cancel()
            interrupts.cancel()
            progress.clear()
        }
        for await _ in started {}
        let child = try startCommand(orEnd: recording)
        if let child, seconds == nil {
            // Its end is the recording's.
            Self.whenEnded(child) { recording.cancel() }
        }
        let window = await recording.value
        guard let window else { throw CommandError("sampling ended by itself") }
        progress.show("naming…")
        return Recording(
            batch: ProfileBuilder().batch(from: window, names: Self.names()), window: window,
            sampling: sampling, ledger: await profiler.samplingLedger(),
            commandStatus: child?.end())
    }

    /// Tables are kept for the next recording, where we may write.
    private static func names() -> Symbolicator {
        Symbolicator(cache: SymbolCache(directory: "/var/cache/hearth"))
    }

    private func startCommand(orEnd recording: Task<Window?, Never>) throws -> ChildCommand? {
        guard case .command(let words) = scope else { return nil }
        do {
            return try ChildCommand(words)
        } catch {
            recording.cancel()
            throw error
        }
    }

    /// Calls `body` when the child has ended, which stays to be waited for.
    private static func whenEnded(_ child: ChildCommand, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread {
            var info = siginfo_t()
            while unsafe waitid(P_PID, id_t(child.pid), &info, WEXITED | WNOWAIT) < 0
                && errno == EINTR
            {}
            body()
        }
        thread.start()
    }

    private func show(_ progress: Progress, _ profiler: NodeProfiler, seconds: Double?) async {
        let start = ContinuousClock.now
        let limit = seconds.map { String(format: " of %.1f", $0) } ?? ""
        while !Task.isCancelled {
            let spent = ContinuousClock.now - start
            let text = String(
                format: "recording %.1f%@ s, %llu samples", spent / .seconds(1), limit,
                profiler.ledger.counts.received)
            progress.show(text)
            try? await Task.sleep(for: .milliseconds(200))
        }
    }
}
