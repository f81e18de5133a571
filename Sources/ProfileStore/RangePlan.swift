/// Who answers for which hour of a range: the raw windows or the roll-up, never both.
///
/// Each raw partition is asked first, and the snapshot it is asked in says which of its hours have a
/// roll-up by which name. Hours that lie in the range whole are then looked for under that name in
/// the hourly file; hours of raw partitions that are gone, under any name. When a name is not there,
/// since a late window came in between, that raw partition is asked again, alone, for all it has.
struct RangePlan {
    /// What a raw partition's snapshot said.
    struct View: Sendable {
        /// Hours left to the roll-up, and the names they must have.
        let wanted: [Int64: Int64]
        let additive: UInt64
    }

    let seconds: ClosedRange<Int64>
    /// By the raw partitions that were read.
    private(set) var views: [PartitionID: View] = [:]

    init(_ seconds: ClosedRange<Int64>) { self.seconds = seconds }

    mutating func add(_ view: View, of partition: PartitionID) { views[partition] = view }

    /// How a raw partition is read: `rolledUp` are its hours with a true roll-up, by name.
    static func view(
        of partition: PartitionID, rolledUp: [Int64: Int64], additive: UInt64,
        seconds: ClosedRange<Int64>
    ) -> View {
        View(
            wanted: rolledUp.filter { hour, _ in
                seconds.contains(hour * StoredSecond.hour)
                    && seconds.contains((hour + 1) * StoredSecond.hour - 1)
            }, additive: additive)
    }

    /// The seconds of a raw partition that its windows answer for.
    static func rawSpans(
        of partition: PartitionID, _ view: View, seconds: ClosedRange<Int64>
    ) -> [ClosedRange<Int64>] {
        spans(
            of: partition.hours.filter { view.wanted[$0] == nil }, seconds: seconds)
    }

    /// Whether any hour of an hourly file may be needed.
    func mayNeed(_ hourly: PartitionID) -> Bool {
        let low = max(hourly.start, seconds.lowerBound)
        var partition = PartitionID(.raw, of: low)
        while partition.start <= min(hourly.last, seconds.upperBound) {
            guard let view = views[partition], view.wanted.isEmpty, view.additive == 0 else {
                return true
            }
            partition = .raw(partition.start + PartitionLevel.raw.length)
        }
        return false
    }

    /// Of the whole roll-ups an hourly file has, by name: the hours to take. `missing` are raw
    /// partitions to be asked again, since a roll-up they spoke of is not there by that name.
    func choose(
        from complete: [Int64: Int64], in hourly: PartitionID, wanted isTrusted: Bool = true
    ) -> (hours: [Int64], missing: Set<PartitionID>) {
        var missing: Set<PartitionID> = []
        for (partition, view) in views where hourly.overlaps(partition.start...partition.last) {
            let isThere =
                isTrusted && view.wanted.allSatisfy { complete[$0.key] == $0.value }
            if !view.wanted.isEmpty, !isThere { missing.insert(partition) }
        }
        let hours = complete.keys.filter { hour in
            guard seconds.contains(hour * StoredSecond.hour) else { return false }
            let partition = PartitionID(.raw, of: hour * StoredSecond.hour)
            guard !missing.contains(partition) else { return false }
            guard let view = views[partition] else { return true }
            return view.wanted[hour] != nil
                || view.additive & partition.activityBit(ofHour: hour) != 0
        }
        return (hours.sorted(), missing)
    }

    /// Hours as few spans of seconds, inside `seconds`.
    static func spans(
        of hours: some Sequence<Int64>, seconds: ClosedRange<Int64>
    ) -> [ClosedRange<Int64>] {
        var spans: [ClosedRange<Int64>] = []
        for hour in hours {
            let low = max(hour * StoredSecond.hour, seconds.lowerBound)
            let high = min((hour + 1) * StoredSecond.hour - 1, seconds.upperBound)
            guard low <= high else { continue }
            if let last = spans.last, last.upperBound + 1 == low {
                spans[spans.count - 1] = last.lowerBound...high
            } else {
                spans.append(low...high)
            }
        }
        return spans
    }
}
