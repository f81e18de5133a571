import ProfileModel

/// A part of one hour's roll-up, worked out before anything is written: sums named by the hourly
/// file's own dictionaries.
struct RollUpSlice {
    private(set) var images: [RowImage] = []
    /// What has data now.
    private(set) var activity: PartitionCatalog.Activity = [:]

    private let hour: Int64
    private let hourly: PartitionReader
    private let state: StoreState

    init(hour: Int64, hourly: PartitionReader, state: StoreState) {
        self.hour = hour
        self.hourly = hourly
        self.state = state
    }

    /// Plans some series of one service. Damage to the file's own dictionaries is an error.
    mutating func add(_ sums: HourSums, codec: borrowing ZstdCodec) throws {
        let key = DictionaryCache.Key(partition: hourly.id, service: sums.service)
        let target = try state.dictionaries.find(key) ?? hourly.dictionary(of: sums.service)
        let symbols = try state.dictionaries.findSymbols(hourly.id) ?? hourly.symbols()
        let stacks = sums.sums.flatMap { $0.pairs.map(\.stack) }
        var renumbered = sums.sums
        let stored = symbols.withContent { $0.mark }
        let rows = target.withContent { target in
            let stored = target.mark
            let translation = symbols.withContent {
                StackTranslation(of: stacks, from: sums.source, to: &target, &$0)
            }
            for index in renumbered.indices { translation.apply(to: &renumbered[index].pairs) }
            return target.takeSegmentRows(since: stored, codec: codec)
        }
        state.dictionaries.publish(target, for: key)
        state.dictionaries.publishSymbols(symbols, of: hourly.id)
        add(rows, service: sums.service)
        add(symbols.withContent { $0.takeSegmentRows(since: stored, codec: codec) }, service: 0)
        for sum in renumbered { try store(sum, codec: codec) }
        for one in sums.empty { try remove(one) }
    }

    private mutating func add(_ rows: [SegmentRow], service: UInt32) {
        for row in rows {
            images.append(
                RowImage(
                    table: .dictionary, key: Int64(service) << 32 | Int64(row.number),
                    bytes: row.bytes))
        }
    }

    private mutating func store(_ sum: HourSums.Sum, codec: borrowing ZstdCodec) throws {
        let blob = ProfileBlob(
            period: sum.period, durationMilliseconds: StoredSecond.hour * 1000, pairs: sum.pairs)
        let id = sum.series.id
        images.append(
            RowImage(
                table: .profiles, key: key(of: id), number: blob.total,
                bytes: blob.encoded(by: codec)))
        var totals = try storedTotals(id)
        totals.set(
            HourTotals.Point(
                second: place, durationMilliseconds: blob.durationMilliseconds, value: blob.total))
        images.append(RowImage(table: .totals, key: totalsKey(id), bytes: totals.encoded()))

        let bit = hourly.id.activityBit(ofHour: hour)
        let known = state.partitions.activity(hourly.id)?[id] ?? 0
        guard known & bit == 0 else { return }
        activity[id] = bit
        images.append(
            RowImage(
                table: .series, key: Int64(id), number: Int64(bitPattern: known | bit),
                bytes: SeriesRow.encode(sum.series)))
    }

    /// Takes away what an earlier attempt left of a series that has nothing in the hour.
    private mutating func remove(_ id: UInt32) throws {
        images.append(RowImage(table: .profiles, key: key(of: id), bytes: nil))
        var totals = try storedTotals(id)
        guard totals.points.contains(where: { $0.second == place }) else { return }
        totals.remove(second: place)
        images.append(
            RowImage(
                table: .totals, key: totalsKey(id),
                bytes: totals.points.isEmpty ? nil : totals.encoded()))
    }

    private func key(of id: UInt32) -> Int64 {
        StoredSecond.key(series: id, second: hour * StoredSecond.hour)
    }

    private func totalsKey(_ id: UInt32) -> Int64 {
        StoredSecond.key(series: id, second: hourly.id.hours.lowerBound)
    }

    /// The hour's place in the file's totals.
    private var place: UInt32 {
        UInt32(truncatingIfNeeded: hour - hourly.id.hours.lowerBound)
    }

    private func storedTotals(_ id: UInt32) throws -> HourTotals {
        guard let stored = try hourly.totals(totalsKey(id)) else { return HourTotals() }
        if let totals = try? HourTotals(stored.span.bytes) { return totals }
        state.noteDamagedRow()
        return HourTotals()
    }
}
