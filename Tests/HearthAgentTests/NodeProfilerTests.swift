import Aggregation
import Foundation
import LinuxSystem
import ProfileModel
import Sampling
import Synchronization
import Testing

@testable import HearthAgent

/// On this kernel: needs root.
@Suite(.serialized, .enabled(if: geteuid() == 0)) struct NodeProfilerTests {
    /// Keeps this process on a CPU while the body runs. On a thread of its own: a task that never
    /// yields would take one of the few threads that all tests share.
    private func burn(while body: () async throws -> Void) async rethrows {
        let isOver = Flag()
        let thread = Thread {
            var sum: UInt64 = 1
            while !isOver.isSet.load(ordering: .relaxed) {
                for _ in 0..<100_000 { sum = sum &* 3 &+ 1 }
            }
        }
        thread.start()
        defer { isOver.isSet.store(true, ordering: .relaxed) }
        try await body()
    }

    private final class Flag: Sendable {
        let isSet = Atomic(false)
    }

    @Test func `records for as long as it was asked to`() async throws {
        let profiler = try await NodeProfiler.start(.standard)
        try await burn {
            let window = try #require(
                await profiler.record(seconds: 1, labelling: ApplicationLabelling(host: "h")))
            #expect((900...1100).contains(window.durationMilliseconds))
            #expect(window.sampleCount > 20)
            #expect(window.series.allSatisfy { $0["host"] == "h" })
        }
        profiler.stop()
        try await profiler.waitUntilStopped()
    }

    @Test func `ends a recording early when its task is cancelled, with what there is`()
        async throws
    {
        let profiler = try await NodeProfiler.start(.standard)
        try await burn {
            let recording = Task {
                await profiler.record(seconds: nil, labelling: ApplicationLabelling(host: "h"))
            }
            try await Task.sleep(for: .milliseconds(500))
            recording.cancel()
            let window = try #require(await recording.value)
            #expect(window.sampleCount > 5)
            let late = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await profiler.record(
                    seconds: nil, labelling: ApplicationLabelling(host: "h"))
            }
            #expect(await late.value != nil)
        }
        profiler.stop()
        try await profiler.waitUntilStopped()
    }

    @Test func `hands over what it has when sampling ends, and answers nothing after that`()
        async throws
    {
        let (profiler, windows) = try await NodeProfiler.start(
            .standard, windowSeconds: 60, backlog: 2, labelling: ApplicationLabelling(host: "h"))
        try await burn { try await Task.sleep(for: .milliseconds(500)) }
        profiler.stop()
        try await profiler.waitUntilStopped()
        var seen: [Window] = []
        for await window in windows { seen.append(window) }
        // Two, when a minute began just now.
        #expect((1...2).contains(seen.count))
        #expect(seen.contains { $0.sampleCount > 0 })
        #expect(await profiler.samplingLedger() == nil)
        #expect(
            await profiler.record(seconds: 1, labelling: ApplicationLabelling(host: "h")) == nil)
        let counts = profiler.ledger.counts
        #expect(counts.received == UInt64(seen.reduce(0) { $0 + $1.sampleCount }))
    }
}
