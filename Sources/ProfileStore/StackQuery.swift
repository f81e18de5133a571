import ProfileModel
import Synchronization

/// One question for stacks while partition after partition is asked.
final class StackQuery: Sendable {
    private let services: [UInt32: [SeriesIndex.Series]]
    private let limit: Int
    private let state: StoreState
    private let sums = Mutex(StackMerge())
    /// The cache's, from before any snapshot began: see `DictionaryCache.insert`.
    private let epoch: UInt64

    init(services: [UInt32: [SeriesIndex.Series]], limit: Int, state: StoreState) {
        self.services = services
        self.limit = limit
        self.state = state
        epoch = state.dictionaries.epoch
    }

    struct RawAnswer: Sendable {
        let view: RangePlan.View
        let parts: [PartitionSum.Part]
    }

    /// What a raw partition answers for by itself, and what it leaves to roll-ups.
    func sumRaw(
        _ reader: PartitionReader, seconds: ClosedRange<Int64>, usingRollUps: Bool
    ) throws -> RawAnswer {
        let view = RangePlan.view(
            of: reader.id, rolledUp: usingRollUps ? try reader.hours() : [:],
            additive: try reader.additiveHours(), seconds: seconds)
        let spans = RangePlan.rawSpans(of: reader.id, view, seconds: seconds)
        return RawAnswer(view: view, parts: try sum(spans, in: reader).parts)
    }

    struct HourlyAnswer: Sendable {
        let parts: [PartitionSum.Part]
        /// Raw partitions whose roll-up is not what their snapshot spoke of, or is damaged.
        let missing: Set<PartitionID>
        /// Hours whose roll-up cannot be trusted although their raw windows are there.
        var damaged: Set<Int64> = []
    }

    /// What an hourly file adds to what `plan` knows of raw partitions.
    func sumHourly(_ reader: PartitionReader, plan: RangePlan) throws -> HourlyAnswer {
        let complete = try reader.hours()
        let choice = plan.choose(from: complete, in: reader.id)
        let (parts, isWhole) = try sum(choice.hours, plan.seconds, in: reader)
        if isWhole { return HourlyAnswer(parts: parts, missing: choice.missing) }
        // The raw windows are still there for some: those hours are asked of them.
        let alone = plan.choose(from: complete, in: reader.id, wanted: false)
        return HourlyAnswer(
            parts: try sum(alone.hours, plan.seconds, in: reader).parts, missing: alone.missing,
            damaged: Set(choice.hours).subtracting(alone.hours))
    }

    private func sum(
        _ hours: [Int64], _ seconds: ClosedRange<Int64>, in reader: PartitionReader
    ) throws -> (parts: [PartitionSum.Part], isWhole: Bool) {
        try sum(RangePlan.spans(of: hours, seconds: seconds), in: reader)
    }

    private func sum(
        _ spans: [ClosedRange<Int64>], in reader: PartitionReader
    ) throws -> (parts: [PartitionSum.Part], isWhole: Bool) {
        try PartitionSum(
            reader: reader, spans: spans, epoch: epoch, state: state
        ).add(services)
    }

    /// Adds sums to the answer.
    func merge(_ parts: [PartitionSum.Part]) {
        let threshold = StackMerge.threshold(of: parts.lazy.map(\.sums), limit: limit)
        for part in parts {
            sums.withLock { sums in
                sums.note(period: part.period)
                let isWhole = sums.add(
                    part.sums, of: part.dictionary, part.symbols, threshold: threshold)
                if !isWhole { state.noteDamagedRow() }
            }
        }
    }

    func takeMerge() -> StackMerge { sums.withLock { $0 } }
}
