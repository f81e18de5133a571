import ProfileModel
import Synchronization

/// A part of one hour's roll-up, worked out before anything is written: sums named by the hourly
/// file's own dictionaries.
struct RollUpSlice {
    private(set) var images: [RowImage] = []
    /// What has data now.
    private(set) var activity: PartitionCatalog.Activity = [:]
    /// Whether a service was begun anew, so that hours rolled up before lack it.
    private(set) var hasForgotten = false

    private let hour: Int64
    private let hourly: PartitionReader
    private let state: StoreState
    /// Series whose stored totals do not count any more.
    private var forgotten: Set<UInt32> = []

    init(hour: Int64, hourly: PartitionReader, state: StoreState) {
        self.hour = hour
        self.hourly = hourly
        self.state = state
    }

    /// Plans some series of one service. Damage to the file's functions and images is an error: nothing
    /// in it can be read then.
    mutating func add(_ sums: HourSums, codec: borrowing ZstdCodec) throws {
        let key = DictionaryCache.Key(partition: hourly.id, service: sums.service)
        let target = try state.dictionaries.find(key) ?? readDictionary(sums.service)
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

    /// A damaged dictionary costs the service its roll-ups in this file, and no other service's: it is
    /// begun anew, and hours that still have windows are rolled up again.
    private mutating func readDictionary(_ service: UInt32) throws -> ServiceDictionary {
        do {
            return try hourly.dictionary(of: service)
        } catch let error as StoreError where error.code == .corrupt {
            state.noteDamagedRow()
            try forget(service)
            return ServiceDictionary(DictionaryContent())
        }
    }

    private mutating func forget(_ service: UInt32) throws {
        hasForgotten = true
        try hourly.forEachSegment(service: service) { key, _ in
            images.append(RowImage(table: .dictionary, key: key, bytes: nil))
        }
        let series = try hourly.series().filter { $0.service == service }.map(\.id)
        let index = state.index.withLock { $0.byID }
        for id in Set(series).union(index.values.lazy.filter { $0.service == service }.map(\.id)) {
            forgotten.insert(id)
            let keys = StoredSecond.keys(series: id, hourly.id.start...hourly.id.last)
            try hourly.forEachProfile(keys) { key, _ in
                images.append(RowImage(table: .profiles, key: key, bytes: nil))
            }
            images.append(RowImage(table: .totals, key: totalsKey(id), bytes: nil))
        }
        for hour in try hourly.hours().keys {
            let raw = PartitionID(.raw, of: hour * StoredSecond.hour)
            guard state.partitions.contains(raw) else { continue }
            images.append(RowImage(table: .hour, key: hour, bytes: nil))
        }
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
        guard !forgotten.contains(id) else { return HourTotals() }
        guard let stored = try hourly.totals(totalsKey(id)) else { return HourTotals() }
        if let totals = try? HourTotals(stored.span.bytes) { return totals }
        state.noteDamagedRow()
        return HourTotals()
    }
}
