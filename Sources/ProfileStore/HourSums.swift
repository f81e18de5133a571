import ProfileModel

/// Some series' windows of one hour, summed by the raw file's stack numbers: one service's.
struct HourSums {
    struct Sum {
        let series: SeriesIndex.Series
        /// 0 when none was said.
        var period: Int64 = 0
        var pairs: [ProfileBlob.Pair] = []
    }

    let service: UInt32
    let source: StackTranslation.Source
    private(set) var sums: [Sum] = []
    /// Series without a window in the hour.
    private(set) var empty: [UInt32] = []
    private(set) var windowCount = 0

    /// Damaged windows and dictionaries are counted and left out, as queries leave them out; what is
    /// thrown is of SQLite.
    init(
        _ series: some Sequence<SeriesIndex.Series>, service: UInt32, hour: Int64,
        in reader: PartitionReader, state: StoreState, blobs: inout BlobReader
    ) throws {
        self.service = service
        source = try Self.source(service, in: reader, state)
        for one in series {
            if let sum = try sum(one, hour: hour, in: reader, state: state, blobs: &blobs) {
                sums.append(sum)
            } else {
                empty.append(one.id)
            }
        }
    }

    private static func source(
        _ service: UInt32, in reader: PartitionReader, _ state: StoreState
    ) throws -> StackTranslation.Source {
        do {
            let key = DictionaryCache.Key(partition: reader.id, service: service)
            let symbols = try state.dictionaries.findSymbols(reader.id) ?? reader.symbols()
            state.dictionaries.publishSymbols(symbols, of: reader.id)
            let dictionary = try state.dictionaries.find(key) ?? reader.dictionary(of: service)
            state.dictionaries.publish(dictionary, for: key)
            return StackTranslation.Source(
                content: dictionary.withContent { $0 }, symbols: symbols.withContent { $0 })
        } catch let error as StoreError where error.code == .corrupt {
            state.noteDamagedRow()
            return StackTranslation.Source(content: DictionaryContent(), symbols: SymbolContent())
        }
    }

    /// Nil when the series has no window in the hour.
    private mutating func sum(
        _ series: SeriesIndex.Series, hour: Int64, in reader: PartitionReader, state: StoreState,
        blobs: inout BlobReader
    ) throws -> Sum? {
        var sum = Sum(series: series)
        var sums = [Int64](repeating: 0, count: source.content.stacks.count)
        var windows = 0
        let first = hour * StoredSecond.hour
        let keys = StoredSecond.keys(series: series.id, first...first + StoredSecond.hour - 1)
        try reader.forEachProfile(keys) { _, blob in
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
}
