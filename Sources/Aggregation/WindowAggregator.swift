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
        let series: LabelSet
        let owner: Owner
        let stackHash: UInt64
        /// The same frames may be all there is, or all that could be found of them.
        let stop: StopReason
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

    private var seriesIndex: [LabelSet: Int] = [:]
    private var series: [LabelSet] = []
    private var entryIndex: [Key: Int] = [:]
    private var entries: [Window.Entry] = []
    private let period: Int64
    /// Stacks kept apart in one window: beyond it new ones are refused, so that memory is bounded.
    private let entryLimit: Int

    package init(period: Int64, entryLimit: Int = 500_000) {
        self.period = period
        self.entryLimit = entryLimit
    }

    package var isEmpty: Bool { entries.isEmpty }

    /// Counts one sample. `frames` is asked only for a stack that is new here. Returns false, and
    /// counts nothing, when the window holds `entryLimit` stacks and this one is not among them.
    package mutating func add(
        _ sample: Sample, series labels: LabelSet, owner: Owner, frames: () -> [FrameReference]
    ) -> Bool {
        let key = Key(
            series: labels, owner: owner, stackHash: sample.stackHash, stop: sample.userStop)
        if let index = entryIndex[key] {
            entries[index].count += 1
            return true
        }
        guard entries.count < entryLimit else { return false }
        entryIndex[key] = entries.count
        entries.append(
            Window.Entry(series: index(of: labels), tgid: sample.tgid, frames: frames(), count: 1))
        return true
    }

    /// Hands over what was counted and starts anew.
    package mutating func close(start: Timestamp, durationMilliseconds: Int64) -> Window {
        let window = Window(
            start: start, durationMilliseconds: durationMilliseconds, period: period,
            series: series, entries: entries)
        self = WindowAggregator(period: period, entryLimit: entryLimit)
        return window
    }

    private mutating func index(of labels: LabelSet) -> Int {
        if let index = seriesIndex[labels] { return index }
        let index = series.count
        seriesIndex[labels] = index
        series.append(labels)
        return index
    }
}
