package import ProfileModel

/// Keeps profiles and answers what a query engine asks, wherever the bytes lie.
///
/// A write is acknowledged after it is durable and visible to every later read. Profiles with equal
/// labels, type and start are added together, never replaced. An absent label equals the empty
/// string in matchers, as in Prometheus; all matchers must hold.
///
/// A window's start is kept to the second, rounded down. Matchers may also name what Pyroscope derives
/// from a profile type: `__profile_type__` (its id), `__name__`, `__type__`, `__unit__`,
/// `__period_type__` and `__period_unit__`; `labelValues` knows these names too, `labelNames` does
/// not list them.
package protocol ProfileStore: Sendable {
    /// Stores the whole batch in one transaction: all of it or, when this throws, nothing.
    func write(_ batch: ProfileBatch) async throws(StoreError)

    /// Sums by stack over every window that starts inside `range`.
    func mergeStacks(
        _ matchers: [LabelMatcher], type: ProfileType, range: TimeRange
    ) async throws(StoreError) -> MergedProfile

    /// As `mergeStacks(_:type:range:)`, but of more than about `stackLimit` stacks only the largest are
    /// told apart: the rest is one stack of one location named `other`, so that the total stays true.
    func mergeStacks(
        _ matchers: [LabelMatcher], type: ProfileType, range: TimeRange, stackLimit: Int
    ) async throws(StoreError) -> MergedProfile

    /// Totals per series and window start, for time lines; windows in order of time.
    func totals(
        _ matchers: [LabelMatcher], type: ProfileType, range: TimeRange
    ) async throws(StoreError) -> [SeriesTotals]

    /// Types with data in `range` (nil: ever), sorted by id.
    func profileTypes(in range: TimeRange?) async throws(StoreError) -> [ProfileType]

    /// Series with data in `range` (nil: ever) that match, in no order.
    func series(
        _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [SeriesKey]

    /// Label names with data in `range` (nil: ever) that match, sorted.
    func labelNames(
        _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [String]

    /// Values of `name` with data in `range` (nil: ever) that match, sorted.
    func labelValues(
        _ name: String, _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [String]

    /// How much is kept, and whether writing is possible now.
    func status() async -> StoreStatus

    /// Finishes writes and closes; later calls throw `StoreError.Code.closed`.
    func close() async
}

extension ProfileStore {
    package func mergeStacks(
        _ matchers: [LabelMatcher], type: ProfileType, range: TimeRange
    ) async throws(StoreError) -> MergedProfile {
        try await mergeStacks(matchers, type: type, range: range, stackLimit: .max)
    }
}

/// One series' totals over time.
package struct SeriesTotals: Sendable {
    package struct Point: Hashable, Sendable {
        package let start: Timestamp
        package let durationMilliseconds: Int64
        /// In the profile type's unit.
        package let value: Int64

        package init(start: Timestamp, durationMilliseconds: Int64, value: Int64) {
            self.start = start
            self.durationMilliseconds = durationMilliseconds
            self.value = value
        }
    }

    package let labels: LabelSet
    package let points: [Point]

    package init(labels: LabelSet, points: [Point]) {
        self.labels = labels
        self.points = points
    }
}

/// How a store is doing.
package struct StoreStatus: Sendable {
    /// Nil when writes succeed; else what an operator reads in `/ready`.
    package var problem: String?
    package var seriesCount: Int
    /// Files of windows as they were written.
    package var partitionCount: Int
    /// Files of hours rolled up.
    package var hourlyPartitionCount: Int
    /// Hours known to have no true roll-up yet, the one under way included.
    package var hoursToRollUp: Int
    /// Disk blocks allocated, in bytes.
    package var bytesOnDisk: Int64
    /// (stack, value) pairs written since this process opened the store.
    package var pairsWritten: Int64
    package var oldest: Timestamp?
    package var newest: Timestamp?
    /// Partition files that were damaged and set aside since this process opened the store.
    package var damagedPartitions: Int
    /// Stored windows and dictionaries that could not be read and were left out of answers since
    /// this process opened the store.
    package var damagedRows: Int

    package init(
        problem: String?, seriesCount: Int, partitionCount: Int, bytesOnDisk: Int64,
        pairsWritten: Int64, oldest: Timestamp?, newest: Timestamp?, damagedPartitions: Int = 0,
        damagedRows: Int = 0, hourlyPartitionCount: Int = 0, hoursToRollUp: Int = 0
    ) {
        self.problem = problem
        self.seriesCount = seriesCount
        self.partitionCount = partitionCount
        self.bytesOnDisk = bytesOnDisk
        self.pairsWritten = pairsWritten
        self.oldest = oldest
        self.newest = newest
        self.damagedPartitions = damagedPartitions
        self.damagedRows = damagedRows
        self.hourlyPartitionCount = hourlyPartitionCount
        self.hoursToRollUp = hoursToRollUp
    }
}
