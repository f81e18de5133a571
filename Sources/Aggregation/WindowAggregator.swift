package import ProcessTracking
package import ProfileModel

/// Counts samples by series and stack until the window ends. One owner; not shared.
///
/// A stack seen before in the same process, with the same mappings, is recognised by BPF's hash
/// and costs one dictionary look-up; only a new one is tied to images frame by frame.
package struct WindowAggregator {
    /// When two samples have the same stack for certain: hash collisions aside (64 bits, seeded),
    /// equal hashes mean equal addresses, and the generation says that the mappings are the same.
    private struct Key: Hashable {
        let series: Int32
        let owner: Owner
        let stackHash: UInt64
        /// The same frames may be all there is, or all that could be found of them.
        let stop: StopReason

        // The stack's hash tells nearly all keys apart, so one word of it all will do.
        func hash(into hasher: inout Hasher) {
            let numbers = UInt64(truncatingIfNeeded: series) << 32 | UInt64(owner.mappingRevision)
            hasher.combine(
                stackHash &+ owner.process.word &* 0x9e37_79b9_7f4a_7c15
                    &+ (numbers ^ UInt64(stop.rawValue) << 24) &* 0xc2b2_ae3d_27d4_eb4f)
        }
    }

    /// The process a stack belongs to, and which state of its mappings.
    package struct Owner: Hashable, Sendable {
        package let process: ProcessID
        /// `TrackedProcess.mappingRevision`: an address may be in another mapping later.
        package let mappingRevision: UInt32

        package init(_ process: TrackedProcess) {
            self.process = process.id
            mappingRevision = process.mappingRevision
        }
    }

    /// A series of this window.
    package struct SeriesNumber: Hashable, Sendable {
        fileprivate let value: Int32
    }

    private var seriesIndex: [LabelSet: Int32] = [:]
    private var series: [LabelSet] = []
    private var entryIndex: [Key: Int] = [:]
    private var entries: [Window.Entry] = []
    private var frameIndex: [FrameReference: Window.FrameNumber] = [:]
    private var frames: [FrameReference] = []
    private var images: [ImageTable.ImageID: MappedImage] = [:]
    private let period: Int64
    /// Stacks kept apart in one window: beyond it new ones are refused, so that memory is bounded.
    private let entryLimit: Int
    private var singles: [Window.Single] = []
    /// Samples kept by themselves, beside being counted, in one window; 16 bytes each.
    private let singleLimit: Int

    /// A window of ten seconds of 256 busy CPUs at 97 Hz: 4 MiB.
    package static let mostSingles = 1 << 18

    /// `singleLimit` 0: samples are counted only.
    package init(period: Int64, entryLimit: Int = 500_000, singleLimit: Int = 0) {
        self.period = period
        self.entryLimit = entryLimit
        self.singleLimit = singleLimit
    }

    package var isEmpty: Bool { entries.isEmpty }

    /// The number of a series, valid until the window is closed. Nil, where it has no sample yet and
    /// cannot get one: the window is full.
    package mutating func number(of labels: LabelSet) -> SeriesNumber? {
        if let index = seriesIndex[labels] { return SeriesNumber(value: index) }
        guard entries.count < entryLimit else { return nil }
        let index = Int32(truncatingIfNeeded: series.count)
        seriesIndex[labels] = index
        series.append(labels)
        return SeriesNumber(value: index)
    }

    /// Counts one sample. `frames` is asked only for a stack that is new here, `images` only for a frame
    /// that is. Returns false, and counts nothing, when the window holds `entryLimit` stacks and this one
    /// is not among them.
    package mutating func add(
        _ sample: Sample, series: SeriesNumber, owner: Owner,
        images: @autoclosure () -> ImageTable, frames: () -> [FrameReference]
    ) -> Bool {
        let key = Key(
            series: series.value, owner: owner, stackHash: sample.stackHash, stop: sample.userStop)
        if let index = entryIndex[key] {
            entries[index].count += 1
            keep(sample, entry: index)
            return true
        }
        guard entries.count < entryLimit else { return false }
        entryIndex[key] = entries.count
        keep(sample, entry: entries.count)
        let stack = frames().map { number(of: $0, images: images) }
        entries.append(
            Window.Entry(
                series: Int(series.value), tgid: sample.tgid, frames: stack, count: 1))
        return true
    }

    private mutating func number(
        of frame: FrameReference, images table: () -> ImageTable
    ) -> Window.FrameNumber {
        if let number = frameIndex[frame] { return number }
        let number = Window.FrameNumber(truncatingIfNeeded: frames.count)
        frameIndex[frame] = number
        frames.append(frame)
        // Noted at once: the table may have forgotten it when the window ends.
        if case .user(_, let image, _) = frame, images[image] == nil {
            images[image] = table()[image]
        }
        return number
    }

    private mutating func keep(_ sample: Sample, entry: Int) {
        guard singles.count < singleLimit else { return }
        // The lower half of the microseconds goes round in 71 minutes; windows are an hour at most.
        singles.append(
            Window.Single(
                offset: UInt32(truncatingIfNeeded: sample.time / 1000),
                entry: UInt32(truncatingIfNeeded: entry), tid: sample.tid, cpu: sample.cpu))
    }

    /// Hands over what was counted and starts anew. `end`: when the window ends, or would have ended,
    /// by the samples' clock, nanoseconds.
    package mutating func close(
        start: Timestamp, durationMilliseconds: Int64, end: UInt64 = 0
    ) -> Window {
        let window = Window(
            start: start, durationMilliseconds: durationMilliseconds, period: period,
            series: series, entries: entries, frames: frames, images: images,
            singles: singles(until: end, duration: durationMilliseconds * 1000))
        self = WindowAggregator(
            period: period, entryLimit: entryLimit, singleLimit: singleLimit)
        // The next window is as large as a rule; growing means to hash everything again.
        entryIndex.reserveCapacity(window.entries.count)
        frameIndex.reserveCapacity(window.frames.count)
        return window
    }

    /// By their distance from the window's start. A sample that came late belongs to the time before
    /// it; it was counted here, so it counts as taken at the start.
    private func singles(until end: UInt64, duration: Int64) -> [Window.Single] {
        let end = UInt32(truncatingIfNeeded: end / 1000)
        return singles.map { single in
            let offset = min(max(0, duration - Int64(end &- single.offset)), duration - 1)
            return Window.Single(
                offset: UInt32(clamping: offset), entry: single.entry, tid: single.tid,
                cpu: single.cpu)
        }
    }
}
