import Aggregation
import LinuxSystem
import ProcessTracking
import ProfileModel

/// Collects samples for one purpose: the store's windows, one after the other, or one recording.
struct Collector {
    /// Gets each window when it is over, and how many samples were refused because it was full.
    typealias Sink = (Window, _ refused: UInt64) -> Void

    private var labelling: any SeriesLabelling
    private var aggregator: WindowAggregator
    private var series = SeriesMemory()
    /// Nil: one window, and then it is over.
    private var schedule: WindowSchedule?
    private var refused: UInt64 = 0
    private let from: UInt64
    private let start: Timestamp
    private let sink: Sink
    /// Called after the last window was handed over.
    let whenOver: () -> Void
    /// CLOCK_MONOTONIC nanoseconds: samples from here on belong to the next window.
    private(set) var end: UInt64

    /// Windows as the schedule says, for ever; `keepingSingles` with each sample by itself, too.
    init(
        windows: WindowSchedule, period: Int64, labelling: any SeriesLabelling,
        keepingSingles: Bool = false, sink: @escaping Sink, whenOver: @escaping () -> Void
    ) {
        self.labelling = labelling
        self.sink = sink
        self.whenOver = whenOver
        aggregator = WindowAggregator(
            period: period, singleLimit: keepingSingles ? WindowAggregator.mostSingles : 0)
        schedule = windows
        from = 0
        start = windows.start
        end = windows.end
    }

    /// One recording of the samples from now to `end`; `.max`: until the loop stops.
    init(
        until end: UInt64, period: Int64, labelling: any SeriesLabelling, sink: @escaping Sink
    ) {
        self.labelling = labelling
        self.sink = sink
        whenOver = {}
        self.end = end
        aggregator = WindowAggregator(period: period)
        from = Clock.monotonic
        start = Timestamp(milliseconds: Int64(Clock.real / 1_000_000))
    }

    /// A process began, ended, or became another program.
    mutating func observe(_ event: ProcessEvent) { labelling.observe(event) }

    /// Whether `add` may count it, as far as can be told before its turn.
    func mayWant(_ sample: Sample) -> Bool { sample.time >= from && labelling.mayWant(sample) }

    /// Whether `add` would count it, were there room.
    mutating func wants(
        _ sample: Sample, process: TrackedProcess, cgroups: inout CGroupFilesystem
    ) -> Bool {
        guard sample.time >= from else { return false }
        let isKnown = series.number(of: sample, process: process) != nil
        return isKnown
            || labelling.labels(of: sample, process: process, cgroups: &cgroups) != nil
    }

    /// Counts the sample if it is wanted. Its time lies before `end`.
    mutating func add(
        _ sample: Sample, process: TrackedProcess, owner: WindowAggregator.Owner,
        cgroups: inout CGroupFilesystem, images: @autoclosure () -> ImageTable,
        frames: () -> [FrameReference]
    ) {
        guard sample.time >= from else { return }
        if let number = series.number(of: sample, process: process) {
            count(sample, number, owner, images, frames)
        } else if let labels = labelling.labels(of: sample, process: process, cgroups: &cgroups) {
            guard let number = aggregator.number(of: labels) else {
                refused += 1
                return
            }
            series.remember(number, of: sample, process: process)
            count(sample, number, owner, images, frames)
        }
    }

    private mutating func count(
        _ sample: Sample, _ series: WindowAggregator.SeriesNumber, _ owner: WindowAggregator.Owner,
        _ images: () -> ImageTable, _ frames: () -> [FrameReference]
    ) {
        let isCounted = aggregator.add(
            sample, series: series, owner: owner, images: images(), frames: frames)
        if !isCounted { refused += 1 }
    }

    /// Hands over the window that is over. Returns whether there will be another.
    mutating func finishWindow(monotonic: UInt64, real: UInt64) -> Bool {
        let window = aggregator.close(
            start: schedule?.start ?? start,
            durationMilliseconds: schedule?.milliseconds
                ?? Int64((min(end, monotonic) &- from) / 1_000_000), end: end)
        sink(window, refused)
        refused = 0
        labelling.forget()
        series = SeriesMemory()
        guard schedule != nil else { return false }
        schedule?.open(monotonic: monotonic, real: real)
        end = schedule?.end ?? .max
        return true
    }
}
