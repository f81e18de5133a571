import ProfileModel
import Synchronization

/// Rolling hours up, a slice at a time, so that a write never waits for more than one slice.
///
/// An hour's roll-up is used only while two files agree on its name: the hourly file got it with the
/// last of the hour's rows, the raw file after that, and a write into the hour takes it out of the raw
/// file in its own transaction. So whatever a crash leaves is at worst a roll-up that nobody uses and
/// that is made again.
extension StoreWriter {
    /// Windows summed up in one slice, and series looked at: some ten milliseconds.
    private static let sliceWindows = 600
    private static let sliceSeries = 64

    /// Does the next slice for hours that ended before second `closing`; false when none is left.
    func rollUp(before closing: Int64) throws(StoreError) -> Bool {
        try state.checkOpen()
        return try rollUp(rollUps.next(before: closing))
    }

    /// Does the next slice of one raw partition, whatever the time; false when none is left.
    func rollUp(in partition: PartitionID) throws(StoreError) -> Bool {
        try state.checkOpen()
        return try rollUp(rollUps.next(in: partition))
    }

    private func rollUp(_ step: RollUpPlan.Step?) throws(StoreError) -> Bool {
        guard let step else { return false }
        try settleIfNeeded()
        switch step {
        case .examine(let partition): try examine(partition)
        case .build(let hour): try build(hour)
        }
        state.health.withLock { $0.hoursToRollUp = rollUps.count }
        return true
    }

    /// Finds which hours of a raw partition are rolled up.
    private func examine(_ partition: PartitionID) throws(StoreError) {
        guard let file = try existingFile(partition) else { return rollUps.forget(partition) }
        let hourly = PartitionID(.hourly, of: partition.start)
        let complete = try existingFile(hourly)?.readNow { try $0.hours() } ?? [:]
        let (marks, additive) = try file.readNow {
            (try $0.hours(), try $0.additiveHours())
        }
        let active = state.partitions.activity(partition)?.values.reduce(0, |) ?? 0
        func hours(_ holds: (Int64) -> Bool) -> Set<Int64> { Set(partition.hours.filter(holds)) }
        rollUps.examined(
            partition, active: hours { active & partition.activityBit(ofHour: $0) != 0 },
            clean: hours { marks[$0] != nil && marks[$0] == complete[$0] },
            fixed: hours { additive & partition.activityBit(ofHour: $0) != 0 })
    }

    private func build(_ hour: Int64) throws(StoreError) {
        let partition = PartitionID(.raw, of: hour * StoredSecond.hour)
        guard let raw = try existingFile(partition) else { return rollUps.forget(partition) }
        // A roll-up is not worth what the next window needs.
        let space = try checkSpace(for: 1 << 20)
        let id = PartitionID(.hourly, of: partition.start)
        let hourly = try open(id, space: space)
        if rollUps.waiting(hour: hour) == nil {
            rollUps.begin(hour: hour, series: seriesActive(in: hour, [partition, id]))
        }
        state.dictionaries.beginWrite()
        var touched: [DictionaryCache.Key] = []
        defer { state.dictionaries.endWrite(failed: touched) }
        let waiting = rollUps.waiting(hour: hour) ?? []
        let sums: [HourSums]
        do {
            sums = try sum(waiting, hour: hour, in: raw)
        } catch  where error.code == .corrupt {
            setAside(partition, because: error)
            throw error
        }
        let done = done(sums, of: waiting)
        let isLast = done.count == waiting.count
        let mark = RowImage(
            table: .hour, key: hour, number: Int64.random(in: 1...Int64.max),
            bytes: isLast ? [] : nil)
        var hasForgotten = false
        do {
            let slice = try plan(sums, hour: hour, in: hourly, touched: &touched)
            try hourly.apply(slice.images + [mark], space: space)
            touched = []
            hasForgotten = slice.hasForgotten
            state.partitions.note(slice.activity, in: id)
        } catch  where error.code == .corrupt {
            // Not tried again before the next call: a disk that damages every file ends somewhere.
            setAside(id, because: error)
            throw error
        }
        if isLast { try raw.apply([mark], space: space) }
        rollUps.built(done, hour: hour)
        if hasForgotten {
            rollUps.doubt(state.partitions.of(.raw, overlapping: id.start...id.last))
        }
    }

    /// Sums up as many of the waiting series as a slice holds.
    private func sum(
        _ waiting: Set<UInt32>, hour: Int64, in raw: PartitionFile
    ) throws(StoreError) -> [HourSums] {
        let index = state.index.withLock { $0 }
        let known = waiting.compactMap { index.byID[$0] }
        let services = Dictionary(grouping: known, by: \.service).sorted { $0.key < $1.key }
        return try raw.readNow { reader in
            var sums: [HourSums] = []
            var (windows, series) = (0, 0)
            for (service, members) in services {
                var rest = members.sorted { $0.id < $1.id }[...]
                while !rest.isEmpty {
                    guard windows < Self.sliceWindows, series < Self.sliceSeries else {
                        return sums
                    }
                    // A series has up to 3,600 windows in an hour, most have 360.
                    let part = try HourSums(
                        rest.prefix(2), service: service, hour: hour, in: reader, state: state,
                        blobs: &blobs)
                    rest = rest.dropFirst(2)
                    sums.append(part)
                    windows += part.windowCount
                    series += 2
                }
            }
            return sums
        }
    }

    private func plan(
        _ sums: [HourSums], hour: Int64, in hourly: PartitionFile,
        touched: inout [DictionaryCache.Key]
    ) throws(StoreError) -> RollUpSlice {
        touched = ([0] + sums.map(\.service)).map { .init(partition: hourly.id, service: $0) }
        return try hourly.readNow { reader in
            var slice = RollUpSlice(hour: hour, hourly: reader, state: state)
            for part in sums { try slice.add(part, codec: codec) }
            return slice
        }
    }

    /// The series that a slice settles: its own, and those the index does not know, which are in no
    /// answer.
    private func done(_ sums: [HourSums], of waiting: Set<UInt32>) -> Set<UInt32> {
        let index = state.index.withLock { $0 }
        var done = waiting.filter { index.byID[$0] == nil }
        for part in sums { done.formUnion(part.sums.map(\.series.id) + part.empty) }
        return done
    }

    private func seriesActive(in hour: Int64, _ partitions: [PartitionID]) -> Set<UInt32> {
        partitions.reduce(into: []) { series, id in
            let bit = id.activityBit(ofHour: hour)
            for (one, bits) in state.partitions.activity(id) ?? [:] where bits & bit != 0 {
                series.insert(one)
            }
        }
    }

    /// Makes hours' roll-ups again whose rows a query found damaged.
    func distrust(_ hours: Set<Int64>) {
        for (id, hours) in Dictionary(
            grouping: hours, by: { PartitionID(.raw, of: $0 * StoredSecond.hour) })
        {
            guard let file = try? existingFile(id) else { continue }
            let marks = hours.map { RowImage(table: .hour, key: $0, bytes: nil) }
            guard (try? file.apply(marks, space: directory.space().free)) != nil else { continue }
            rollUps.doubt([id])
        }
    }
}
