import ProfileModel

/// A part of one hour's roll-up, worked out before anything is written: some series' windows of the
/// hour, summed by stack and named by the hourly file's own dictionaries.
struct RollUpSlice {
    private(set) var images: [RowImage] = []
    /// Dictionaries that got new stacks: no longer true when the commit fails.
    private(set) var extended: [DictionaryCache.Key] = []
    /// What has data now.
    private(set) var activity: PartitionCatalog.Activity = [:]
    private(set) var windowCount = 0

    private let hour: Int64
    private let raw: PartitionReader
    private let hourly: PartitionReader
    private let state: StoreState

    init(hour: Int64, raw: PartitionReader, hourly: PartitionReader, state: StoreState) {
        self.hour = hour
        self.raw = raw
        self.hourly = hourly
        self.state = state
    }

    /// One series summed up; `period` is 0 when none was said.
    private struct Sum {
        let series: SeriesIndex.Series
        var period: Int64 = 0
        var pairs: [ProfileBlob.Pair] = []
    }

    /// Plans some series of one service.
    mutating func add(
        _ series: [SeriesIndex.Series], service: UInt32, blobs: inout BlobReader,
        codec: borrowing ZstdCodec
    ) throws {
        let source = try source(service)
        var sums = try series.compactMap {
            try sum($0, source.content.stacks.count, blobs: &blobs)
        }
        let key = DictionaryCache.Key(partition: hourly.id, service: service)
        let target = try state.dictionaries.find(key) ?? hourly.dictionary(of: service)
        let symbols = try state.dictionaries.findSymbols(hourly.id) ?? hourly.symbols()
        extended += [key, DictionaryCache.Key(partition: hourly.id, service: 0)]
        let stacks = sums.flatMap { $0.pairs.map(\.stack) }
        let stored = symbols.withContent { $0.mark }
        let rows = target.withContent { target in
            let stored = target.mark
            let translation = symbols.withContent {
                StackTranslation(of: stacks, from: source, to: &target, &$0)
            }
            for index in sums.indices { translation.apply(to: &sums[index].pairs) }
            return target.takeSegmentRows(since: stored, codec: codec)
        }
        state.dictionaries.publish(target, for: key)
        state.dictionaries.publishSymbols(symbols, of: hourly.id)
        add(rows, service: service)
        add(symbols.withContent { $0.takeSegmentRows(since: stored, codec: codec) }, service: 0)
        for sum in sums { try store(sum, codec: codec) }
        let found = Set(sums.map(\.series.id))
        for one in series where !found.contains(one.id) { try remove(one.id) }
    }

    private mutating func add(_ rows: [SegmentRow], service: UInt32) {
        for row in rows {
            images.append(
                RowImage(
                    table: .dictionary, key: Int64(service) << 32 | Int64(row.number),
                    bytes: row.bytes))
        }
    }

    /// A service's dictionary in the raw file. A damaged one only means that its stacks are in no
    /// answer, nor in a roll-up; damage to the hourly file's own is an error, which sets it aside.
    private func source(_ service: UInt32) throws -> StackTranslation.Source {
        let key = DictionaryCache.Key(partition: raw.id, service: service)
        let symbols = try state.dictionaries.findSymbols(raw.id) ?? raw.symbols()
        state.dictionaries.publishSymbols(symbols, of: raw.id)
        do {
            let dictionary = try state.dictionaries.find(key) ?? raw.dictionary(of: service)
            state.dictionaries.publish(dictionary, for: key)
            return StackTranslation.Source(
                content: dictionary.withContent { $0 }, symbols: symbols.withContent { $0 })
        } catch let error as StoreError where error.code == .corrupt {
            state.noteDamagedRow()
            return StackTranslation.Source(
                content: DictionaryContent(), symbols: symbols.withContent { $0 })
        }
    }

    /// Nil when the series has no window in the hour. Damaged windows are counted and left out, as
    /// queries leave them out.
    private mutating func sum(
        _ series: SeriesIndex.Series, _ stackCount: Int, blobs: inout BlobReader
    ) throws -> Sum? {
        var sum = Sum(series: series)
        var sums = [Int64](repeating: 0, count: stackCount)
        var windows = 0
        let first = hour * StoredSecond.hour
        let keys = StoredSecond.keys(
            series: series.id, first...first + StoredSecond.hour - 1)
        try raw.forEachProfile(keys) { _, blob in
            windows += 1
            do {
                let header = try blobs.add(blob, to: &sums)
                if header.period != 0 { sum.period = header.period }
            } catch {
                state.noteDamagedRow()
            }
        }
        guard windows > 0 else { return nil }
        windowCount += windows
        for (stack, value) in sums.enumerated() where value != 0 {
            sum.pairs.append(
                ProfileBlob.Pair(stack: UInt32(truncatingIfNeeded: stack), value: value))
        }
        return sum
    }

    private mutating func store(_ sum: Sum, codec: borrowing ZstdCodec) throws {
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
