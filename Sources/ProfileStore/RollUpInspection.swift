import GRDB

/// Holds roll-ups that queries use to the windows they were made from.
struct RollUpInspection {
    let raw: PartitionReader
    let hourly: PartitionReader

    /// `names` are the raw file's hours with a roll-up; those the hourly file has by another name are
    /// not used by queries, and not looked at.
    func verify(_ names: [Int64: Int64], _ report: PartitionInspection.Report) throws {
        let complete = try hourly.hours()
        let hours = names.filter { complete[$0.key] == $0.value }.keys.sorted()
        guard !hours.isEmpty else { return }
        let (before, after) = (try raw.series(), try hourly.series())
        let series = Dictionary(
            (before + after).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let (rawSymbols, hourlySymbols) = (try raw.symbols(), try hourly.symbols())
        for (service, members) in Dictionary(grouping: series.values, by: \.service).sorted(
            by: { $0.key < $1.key })
        {
            // A damaged dictionary has been reported as such.
            guard let from = try? raw.dictionary(of: service),
                let to = try? hourly.dictionary(of: service)
            else { continue }
            let source = StackTranslation.Source(
                content: from.withContent { $0 }, symbols: rawSymbols.withContent { $0 })
            let target = Target(
                content: to.withContent { $0 }, symbols: hourlySymbols.withContent { $0 })
            for one in members.sorted(by: { $0.id < $1.id }) {
                for hour in hours {
                    guard try !isSame(one.id, hour, source, target) else { continue }
                    try report(
                        .rollUp,
                        "series \(one.id), hour at \(hour * StoredSecond.hour): the roll-up is not its windows' sum"
                    )
                }
            }
        }
    }

    private struct Target {
        var content: DictionaryContent
        var symbols: SymbolContent
    }

    private func isSame(
        _ series: UInt32, _ hour: Int64, _ source: StackTranslation.Source, _ target: Target
    ) throws -> Bool {
        var blobs = BlobReader()
        let first = hour * StoredSecond.hour
        var sums = [Int64](repeating: 0, count: source.content.stacks.count)
        var hasWindows = false
        try raw.forEachProfile(
            StoredSecond.keys(series: series, first...first + StoredSecond.hour - 1)
        ) { _, blob in
            hasWindows = true
            // A damaged window is left out of roll-ups, too.
            _ = try? blobs.add(blob, to: &sums)
        }
        let stored = try hourly.profile(StoredSecond.key(series: series, second: first))
        guard let stored else { return !hasWindows }
        guard hasWindows, let blob = try? blobs.read(stored.span.bytes) else { return false }
        var pairs = sums.enumerated().filter { $0.element != 0 }.map {
            ProfileBlob.Pair(stack: UInt32(truncatingIfNeeded: $0.offset), value: $0.element)
        }
        // Stacks that the hourly file lacks get numbers that no blob of it has.
        var more = target
        StackTranslation(
            of: pairs.map(\.stack), from: source, to: &more.content, &more.symbols
        ).apply(to: &pairs)
        return pairs == blob.pairs
    }
}
