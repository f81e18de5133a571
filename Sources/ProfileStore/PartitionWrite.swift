import ProfileModel

/// What one batch changes in one partition file, worked out before anything is written.
struct PartitionWrite {
    private(set) var images: [RowImage] = []
    /// Hours that have data now.
    private(set) var activity: PartitionCatalog.Activity = [:]
    /// Which series got windows, by hour since 1970.
    private(set) var written: [Int64: Set<UInt32>] = [:]

    private let reader: PartitionReader
    private let state: StoreState

    init(reader: PartitionReader, state: StoreState) {
        self.reader = reader
        self.state = state
    }

    /// Plans the windows of some services. What is new is in the shared dictionaries from here on.
    mutating func add(
        _ services: [UInt32: [BatchPlan.Window]], profiles: [Profile],
        interner: inout StackInterner, blobs: inout BlobReader, codec: borrowing ZstdCodec
    ) throws {
        let symbols = try state.dictionaries.findSymbols(reader.id) ?? reader.symbols()
        let stored = symbols.withContent { $0.mark }
        interner.beginPartition()
        for (service, windows) in services {
            try add(
                windows, service: service, symbols, profiles: profiles, interner: &interner,
                blobs: &blobs, codec: codec)
        }
        add(symbols.withContent { $0.takeSegmentRows(since: stored, codec: codec) }, service: 0)
        state.dictionaries.publishSymbols(symbols, of: reader.id)
    }

    private mutating func add(_ rows: [SegmentRow], service: UInt32) {
        for row in rows {
            images.append(
                RowImage(
                    table: .dictionary, key: Int64(service) << 32 | Int64(row.number),
                    bytes: row.bytes))
        }
    }

    /// Plans one service's windows.
    private mutating func add(
        _ windows: [BatchPlan.Window], service: UInt32, _ symbols: SymbolDictionary,
        profiles: [Profile], interner: inout StackInterner, blobs: inout BlobReader,
        codec: borrowing ZstdCodec
    ) throws {
        let key = DictionaryCache.Key(partition: reader.id, service: service)
        let dictionary = try state.dictionaries.find(key) ?? reader.dictionary(of: service)
        let used = windows.lazy.flatMap { $0.profiles }.flatMap { profiles[$0].values }
            .map(\.stack)
        // The interner and the codec cannot be captured by the closure: they are moved through it.
        let rows = dictionary.withContent { content in
            let stored = content.mark
            symbols.withContent { interner.beginService(used, in: &content, &$0) }
            return content.takeSegmentRows(since: stored, codec: codec)
        }
        state.dictionaries.publish(dictionary, for: key)
        add(rows, service: service)
        for (id, windows) in Dictionary(grouping: windows, by: \.series.id) {
            try add(
                windows, series: id, profiles: profiles, interner: interner, blobs: &blobs,
                codec: codec)
        }
    }

    /// Plans one series' windows.
    private mutating func add(
        _ windows: [BatchPlan.Window], series id: UInt32, profiles: [Profile],
        interner: StackInterner, blobs: inout BlobReader, codec: borrowing ZstdCodec
    ) throws {
        var hours: [Int64: HourTotals] = [:]
        for window in windows.sorted(by: { $0.second < $1.second }) {
            let blob = try sum(window, profiles: profiles, interner: interner, blobs: &blobs)
            let total = blob.total
            images.append(
                RowImage(
                    table: .profiles, key: window.key, number: total,
                    bytes: blob.encoded(by: codec)))
            let hour = window.second / StoredSecond.hour
            var totals = try hours[hour] ?? storedTotals(series: id, hour: hour)
            totals.set(
                HourTotals.Point(
                    second: UInt32(window.second % StoredSecond.hour),
                    durationMilliseconds: blob.durationMilliseconds, value: total))
            hours[hour] = totals
        }
        for (hour, totals) in hours {
            images.append(
                RowImage(
                    table: .totals, key: StoredSecond.key(series: id, second: hour),
                    bytes: totals.encoded()))
            // The hour's roll-up, if there is one, is not true any more.
            if written[hour] == nil {
                images.append(RowImage(table: .hour, key: hour, bytes: nil))
            }
            written[hour, default: []].insert(id)
        }
        guard let series = windows.first?.series else { return }
        note(Array(hours.keys), of: series)
    }

    /// The window's profiles and what is stored for its key, added up.
    private func sum(
        _ window: BatchPlan.Window, profiles: [Profile], interner: StackInterner,
        blobs: inout BlobReader
    ) throws -> ProfileBlob {
        var sum = ProfileBlob(period: 0, durationMilliseconds: 0, pairs: [])
        if let stored = try reader.profile(window.key) {
            if let blob = try? blobs.read(stored.span.bytes) {
                sum = blob
            } else {
                state.noteDamagedRow()
            }
        }
        for number in window.profiles {
            let profile = profiles[number]
            let pairs = profile.values.map {
                ProfileBlob.Pair(stack: interner.number(of: $0.stack), value: $0.value)
            }
            sum.add(
                ProfileBlob(
                    period: profile.period, durationMilliseconds: profile.durationMilliseconds,
                    pairs: ProfileBlob.Pair.distinct(pairs)))
        }
        return sum
    }

    private func storedTotals(series id: UInt32, hour: Int64) throws -> HourTotals {
        guard let stored = try reader.totals(StoredSecond.key(series: id, second: hour)) else {
            return HourTotals()
        }
        if let totals = try? HourTotals(stored.span.bytes) { return totals }
        state.noteDamagedRow()
        return HourTotals()
    }

    /// Says in the series' row which hours have data, when that is new.
    private mutating func note(_ hours: [Int64], of series: SeriesIndex.Series) {
        var bits: UInt64 = 0
        for hour in hours { bits |= reader.id.activityBit(ofHour: hour) }
        let known = state.partitions.activity(reader.id)?[series.id] ?? 0
        guard known | bits != known else { return }
        activity[series.id] = bits
        images.append(
            RowImage(
                table: .series, key: Int64(series.id), number: Int64(bitPattern: known | bits),
                bytes: SeriesRow.encode(series)))
    }
}
