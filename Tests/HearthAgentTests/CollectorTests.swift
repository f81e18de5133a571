import Aggregation
import LinuxSystem
import ProcessTracking
import ProfileModel
import Synchronization
import Testing

@testable import HearthAgent

/// Wants every sample of an even process number.
private struct EvenLabelling: SeriesLabelling, Sendable {
    mutating func observe(_ event: ProcessEvent) {}

    func mayWant(_ sample: Sample) -> Bool { true }

    mutating func labels(
        of sample: Sample, process: TrackedProcess, cgroups: inout CGroupFilesystem
    ) -> LabelSet? {
        sample.tgid.isMultiple(of: 2) ? LabelSet([Label("comm", sample.command.text)]) : nil
    }

    mutating func forget() {}
}

@Suite struct CollectorTests {
    private static func sample(
        _ tgid: UInt32, at time: UInt64, hash: UInt64 = 7, command: String = "a"
    ) -> Sample {
        Sample(
            time: time, cpu: 0, tgid: tgid, tid: tgid, processStart: 1,
            command: CommandName(command),
            cgroupID: 0, cgroup1ID: 0, stackHash: hash, kernelFrames: [], userFrames: [0x1000],
            kernelStop: .endOfStack, userStop: .endOfStack)
    }

    private func add(_ sample: Sample, to collector: inout Collector) throws {
        var tracker = ProcessTracker(bootOffset: 0)
        var cgroups = CGroupFilesystem(mounts: try CGroupMounts.current())
        let process = tracker.process(of: sample).process
        collector.add(
            sample, process: process, owner: WindowAggregator.Owner(process), cgroups: &cgroups,
            images: tracker.images
        ) { sample.references { _ in nil } }
    }

    @Test func `hands over window after window, each with its own samples`() throws {
        let windows = Mutex<[Window]>([])
        let schedule = WindowSchedule(
            seconds: 1, monotonic: 5_000_000_000, real: 100_000_000_000)
        var collector = Collector(
            windows: schedule, period: 10, labelling: EvenLabelling(),
            sink: { window, _ in windows.withLock { $0.append(window) } }, whenOver: {})
        try add(Self.sample(2, at: 5_100_000_000), to: &collector)
        try add(Self.sample(2, at: 5_200_000_000), to: &collector)
        try add(Self.sample(3, at: 5_300_000_000), to: &collector)
        #expect(collector.end == 6_000_000_000)
        let goesOn = collector.finishWindow(monotonic: 6_020_000_000, real: 101_020_000_000)
        #expect(goesOn)
        try add(Self.sample(4, at: 6_100_000_000), to: &collector)
        _ = collector.finishWindow(monotonic: 7_020_000_000, real: 102_020_000_000)
        let seen = windows.withLock { $0 }
        #expect(seen.map(\.sampleCount) == [2, 1])
        #expect(seen.map(\.start.milliseconds) == [100_000, 101_000])
        #expect(seen.map(\.durationMilliseconds) == [1000, 1000])
        #expect(seen.map(\.entries.count) == [1, 1])
    }

    @Test func `remembers a thread's series, and another name's, in each window anew`() throws {
        let windows = Mutex<[Window]>([])
        let schedule = WindowSchedule(
            seconds: 1, monotonic: 5_000_000_000, real: 100_000_000_000)
        var collector = Collector(
            windows: schedule, period: 10, labelling: EvenLabelling(),
            sink: { window, _ in windows.withLock { $0.append(window) } }, whenOver: {})
        for (name, time) in [("a", 1), ("b", 2), ("a", 3), ("b", 4)] as [(String, UInt64)] {
            try add(
                Self.sample(2, at: 5_000_000_000 + time, command: name), to: &collector)
        }
        _ = collector.finishWindow(monotonic: 6_020_000_000, real: 101_020_000_000)
        try add(Self.sample(2, at: 6_100_000_000, command: "b"), to: &collector)
        _ = collector.finishWindow(monotonic: 7_020_000_000, real: 102_020_000_000)
        let seen = windows.withLock { $0 }
        #expect(seen.map { $0.series.map { $0["comm"] } } == [["a", "b"], ["b"]])
        #expect(seen.map { $0.entries.map(\.count) } == [[2, 2], [1]])
    }

    @Test func `takes nothing from before a recording began, and ends once`() throws {
        let windows = Mutex<[Window]>([])
        let began = Clock.monotonic
        var collector = Collector(
            until: .max, period: 10, labelling: EvenLabelling(),
            sink: { window, _ in windows.withLock { $0.append(window) } })
        try add(Self.sample(2, at: began - 1), to: &collector)
        try add(Self.sample(2, at: began + 1_000_000_000), to: &collector)
        let goesOn = collector.finishWindow(monotonic: began + 2_000_000_000, real: 0)
        #expect(!goesOn)
        #expect(windows.withLock { $0.map(\.sampleCount) } == [1])
    }
}
