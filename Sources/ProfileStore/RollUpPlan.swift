/// Which hours have no true roll-up, and which comes next. Hours are counted since 1970.
///
/// Pure bookkeeping of the writer: what is on disk decides (see `RollUp`), and after a restart this
/// is found again by examining one raw partition after another.
struct RollUpPlan {
    enum Step: Equatable {
        /// Look which hours of a raw partition are rolled up.
        case examine(PartitionID)
        case build(hour: Int64)
    }

    private enum Work: Equatable {
        /// All series of the hour.
        case everything
        /// The hour is rolled up but for these.
        case series(Set<UInt32>)
    }

    private var unexamined: Set<PartitionID>
    private var work: [Int64: Work] = [:]
    /// Hours whose roll-up is true.
    private var clean: Set<Int64> = []
    /// Hours whose roll-up is never made again.
    private var fixed: Set<Int64> = []

    init(_ partitions: [PartitionID]) { unexamined = Set(partitions) }

    /// Hours known to need a roll-up or part of one.
    var count: Int { work.count }

    /// What to do now that everything before second `closing` has most likely come: the newest hour
    /// first, for that is what is asked for.
    func next(before closing: Int64) -> Step? {
        func isClosed(_ hour: Int64) -> Bool { (hour + 1) * StoredSecond.hour <= closing }
        if let hour = work.keys.filter(isClosed).max() { return .build(hour: hour) }
        return unexamined.filter { isClosed($0.hours.lowerBound) }.max().map { .examine($0) }
    }

    /// As `next(before:)`, of one raw partition, whatever the time.
    func next(in partition: PartitionID) -> Step? {
        if unexamined.contains(partition) { return .examine(partition) }
        return partition.hours.last { work[$0] != nil }.map { .build(hour: $0) }
    }

    /// Series of an hour got more windows.
    mutating func wrote(_ series: Set<UInt32>, hour: Int64) {
        let partition = PartitionID(.raw, of: hour * StoredSecond.hour)
        guard !unexamined.contains(partition), !fixed.contains(hour) else { return }
        switch work[hour] {
        case .everything: break
        case .series(let waiting): work[hour] = .series(waiting.union(series))
        case nil: work[hour] = clean.remove(hour) == nil ? .everything : .series(series)
        }
    }

    /// A raw partition's hours: those with data, those of them rolled up, those not to be.
    mutating func examined(
        _ partition: PartitionID, active: Set<Int64>, clean found: Set<Int64>, fixed: Set<Int64>
    ) {
        forget(partition)
        self.fixed.formUnion(fixed)
        clean.formUnion(found.subtracting(fixed))
        for hour in active where !found.contains(hour) && !fixed.contains(hour) {
            work[hour] = .everything
        }
    }

    /// The series of an hour still to be built; nil when that must be looked up.
    func waiting(hour: Int64) -> Set<UInt32>? {
        guard case .series(let waiting) = work[hour] else { return nil }
        return waiting
    }

    /// Says what `everything` is.
    mutating func begin(hour: Int64, series: Set<UInt32>) { work[hour] = .series(series) }

    /// Series are built and stored; the hour is done when none waits any more.
    mutating func built(_ series: Set<UInt32>, hour: Int64) {
        guard case .series(let waiting) = work[hour] else { return }
        let rest = waiting.subtracting(series)
        if rest.isEmpty {
            work[hour] = nil
            clean.insert(hour)
        } else {
            work[hour] = .series(rest)
        }
    }

    /// A raw partition is gone or another.
    mutating func forget(_ partition: PartitionID) {
        unexamined.remove(partition)
        for hour in partition.hours {
            work[hour] = nil
            clean.remove(hour)
            fixed.remove(hour)
        }
    }

    /// What is known of raw partitions does not hold any more.
    mutating func doubt(_ partitions: [PartitionID]) {
        for partition in partitions {
            forget(partition)
            unexamined.insert(partition)
        }
    }
}
