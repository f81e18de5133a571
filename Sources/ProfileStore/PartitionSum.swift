import ProfileModel

/// Sums stacks of some series in one partition, as one snapshot shows them.
struct PartitionSum {
    /// One service's sums by its dictionary's stack numbers.
    struct Part {
        let dictionary: ServiceDictionary
        let symbols: SymbolDictionary
        var sums: [Int64]
        var period: Int64 = 0
    }

    let reader: PartitionReader
    /// What is summed, in seconds.
    let spans: [ClosedRange<Int64>]
    /// The dictionary cache's, from before the snapshot began.
    let epoch: UInt64
    let state: StoreState

    /// By service. A damaged dictionary or window is left out, counted, and said in `isWhole`.
    func add(
        _ services: [UInt32: [SeriesIndex.Series]]
    ) throws -> (parts: [Part], isWhole: Bool) {
        let active = state.partitions.activity(reader.id)
        var blobs = BlobReader()
        var parts: [Part] = []
        var isWhole = true
        for (service, series) in services where !spans.isEmpty {
            let present = series.filter { active?[$0.id] != nil || active == nil }
            guard !present.isEmpty else { continue }
            guard let dictionary = try dictionary(of: service) else {
                isWhole = false
                continue
            }
            var part = Part(
                dictionary: dictionary, symbols: try symbols(),
                sums: Array(repeating: 0, count: dictionary.withContent { $0.stacks.count }))
            for one in present {
                for span in spans {
                    let keys = StoredSecond.keys(series: one.id, span)
                    try reader.forEachProfile(keys) { _, blob in
                        do {
                            let header = try blobs.add(blob, to: &part.sums)
                            if header.period != 0 { part.period = header.period }
                        } catch {
                            state.noteDamagedRow()
                            isWhole = false
                        }
                    }
                }
            }
            parts.append(part)
        }
        return (parts, isWhole)
    }

    /// The names of what all dictionaries here refer to. Damaged ones leave the file without use.
    private func symbols() throws -> SymbolDictionary {
        if let known = state.dictionaries.findSymbols(reader.id) { return known }
        let symbols = try reader.symbols()
        state.dictionaries.insertSymbols(symbols, of: reader.id, readAt: epoch)
        return symbols
    }

    private func dictionary(of service: UInt32) throws -> ServiceDictionary? {
        let key = DictionaryCache.Key(partition: reader.id, service: service)
        if let known = state.dictionaries.find(key) { return known }
        do {
            let dictionary = try reader.dictionary(of: service)
            state.dictionaries.insert(dictionary, for: key, readAt: epoch)
            return dictionary
        } catch let error as StoreError where error.code == .corrupt {
            state.noteDamagedRow()
            return nil
        }
    }
}
