/// Which units of a partition's time lie in a range, a bit each, as in a series' activity.
struct HourCoverage: Equatable {
    /// Units all of whose seconds are in the range.
    private(set) var whole: UInt64 = 0
    /// Units of which some seconds are.
    private(set) var partial: UInt64 = 0

    init(of seconds: ClosedRange<Int64>, in partition: PartitionID) {
        let unit = partition.level.activityUnit
        for number in 0..<partition.level.length / unit {
            let first = partition.start + number * unit
            let last = first + unit - 1
            guard first <= seconds.upperBound, last >= seconds.lowerBound else { continue }
            if seconds.contains(first) && seconds.contains(last) {
                whole |= 1 << UInt64(number)
            } else {
                partial |= 1 << UInt64(number)
            }
        }
    }

    /// Forgets the time that other partitions cover; each must be made of whole units.
    mutating func leaveOut(_ others: [PartitionID], in partition: PartitionID) {
        for other in others where partition.overlaps(other.start...other.last) {
            for hour in other.hours {
                let bit = partition.activityBit(ofHour: hour)
                whole &= ~bit
                partial &= ~bit
            }
        }
    }

    /// The seconds of a range that lie in a partition and in none of others.
    static func spans(
        of seconds: ClosedRange<Int64>, in partition: PartitionID, without others: [PartitionID]
    ) -> [ClosedRange<Int64>] {
        let covered = Set(others.flatMap(\.hours))
        return RangePlan.spans(
            of: partition.hours.filter { !covered.contains($0) }, seconds: seconds)
    }
}
