import FoundationEssentials
import GRDB

/// Reads one partition file through: for figures, or to check every row.
struct PartitionInspection {
    typealias Report = (StoreFinding.Kind, String) throws -> Void

    private let database: Database
    private let id: PartitionID
    private let version: Int
    private let reader: PartitionReader

    init(_ database: Database, _ id: PartitionID, version: Int) {
        self.database = database
        self.id = id
        self.version = version
        reader = PartitionReader(database, id)
    }

    // MARK: Figures

    func measure(_ file: inout StoreStatistics.File) throws {
        file.series = try Int.fetchOne(database, sql: "SELECT count(*) FROM series") ?? 0
        file.totalsBytes =
            try Int64.fetchOne(database, sql: "SELECT sum(length(b)) FROM total") ?? 0
        file.windowBounds = try reader.bounds()
        var (windows, pairs, bytes, damaged) = (Int64(0), Int64(0), Int64(0), 0)
        try reader.forEachProfile(0...Int64.max) { _, blob in
            windows += 1
            bytes += Int64(blob.byteCount)
            do {
                pairs += Int64(try ProfileBlob.count(blob))
            } catch {
                damaged += 1
            }
        }
        (file.windows, file.pairs, file.windowBytes) = (windows, pairs, bytes)
        // Dictionaries of older layouts are read when a store is opened, and converted.
        for service in version < DatabaseSettings.version ? [] : try services() {
            let dictionary = try? reader.dictionary(of: service)
            if dictionary == nil { damaged += 1 }
            let mark = dictionary?.withContent { $0.mark }
            file.stacks += Int64(mark?.stacks ?? 0)
            file.locations += Int64(mark?.locations ?? 0)
        }
        if version == DatabaseSettings.version {
            let symbols = try? reader.symbols()
            if symbols == nil { damaged += 1 }
            file.functions = Int64(symbols?.withContent { $0.functionCount } ?? 0)
        }
        file.dictionaryBytes =
            try Int64.fetchOne(database, sql: "SELECT sum(length(b)) FROM dict") ?? 0
        file.damagedRows = damaged
    }

    /// Those with a dictionary; service 0, the symbols, apart.
    private func services() throws -> [UInt32] { try upperHalves(of: "dict").filter { $0 != 0 } }

    /// The upper halves of a table's keys, each found by one step in the tree.
    private func upperHalves(of table: String) throws -> [UInt32] {
        var found: [UInt32] = []
        var next: Int64 = 0
        while let key = try Int64.fetchOne(
            database, sql: "SELECT k FROM \(table) WHERE k >= ? ORDER BY k LIMIT 1",
            arguments: [next])
        {
            found.append(UInt32(truncatingIfNeeded: key >> 32))
            guard key >> 32 < Int64(Int32.max) else { break }
            next = (key >> 32 + 1) << 32
        }
        return found
    }

    // MARK: Checks

    func verify(_ report: Report) throws {
        var series: [UInt32: (row: SeriesIndex.Series, bits: UInt64)] = [:]
        let activity = try reader.activity()
        for one in try reader.series() { series[one.id] = (one, activity[one.id] ?? 0) }
        for id in activity.keys.sorted() where series[id] == nil {
            try report(.row, "the row of series \(id) is damaged")
        }
        for id in try upperHalves(of: "p") where series[id] == nil && activity[id] == nil {
            try report(.sum, "series \(id) has windows and no row")
        }
        let byService = Dictionary(grouping: series.values, by: \.row.service)
        let symbols = try symbols(report)
        for service in Set(try services()).union(byService.keys).sorted() {
            let stackCount = try stackCount(of: service, symbols, report)
            for one in byService[service, default: []].sorted(by: { $0.row.id < $1.row.id }) {
                try verify(one.row.id, bits: one.bits, stackCount: stackCount, report)
            }
        }
    }

    private func symbols(_ report: Report) throws -> SymbolContent? {
        guard version == DatabaseSettings.version else { return nil }
        do {
            return try reader.symbols().withContent { $0 }
        } catch let error as StoreError {
            try report(.row, "the file's functions and images: \(error.message)")
            return nil
        }
    }

    /// How many stacks a service has; nil when its dictionary is damaged, or of an older layout.
    private func stackCount(
        of service: UInt32, _ symbols: SymbolContent?, _ report: Report
    ) throws -> Int? {
        guard version == DatabaseSettings.version else { return nil }
        do {
            let content = try reader.dictionary(of: service).withContent { $0 }
            if let symbols {
                for number in 0..<content.locations.count
                where content.location(number, symbols) == nil {
                    try report(.row, "the dictionary of service \(service): location \(number)")
                }
            }
            return content.stacks.count
        } catch let error as StoreError {
            try report(.row, "the dictionary of service \(service): \(error.message)")
            return nil
        }
    }

    /// One series' windows: readable, of known stacks, and summed up truly in `n` and in the totals.
    private func verify(
        _ series: UInt32, bits: UInt64, stackCount: Int?, _ report: Report
    ) throws {
        var blobs = BlobReader()
        var expected: (key: Int64, totals: HourTotals)?
        var keys: Set<Int64> = []
        var seen: UInt64 = 0
        func compare() throws {
            guard let expected else { return }
            keys.insert(expected.key)
            let stored = try reader.totals(expected.key)
            if stored.flatMap({ try? HourTotals($0.span.bytes) }) != expected.totals {
                try report(
                    .sum,
                    "the totals of series \(series) from \(hour(expected.key)) on are not its windows'"
                )
            }
        }
        let all = StoredSecond.keys(series: series, 0...StoredSecond.range.upperBound - 1)
        try forEachWindow(all) { key, number, bytes in
            let second = key & 0xffff_ffff
            guard (id.start...id.last).contains(second) else {
                return try report(
                    .sum, "series \(series) has a window at \(second), outside the file")
            }
            seen |= id.activityBit(ofHour: second / StoredSecond.hour)
            let blob: ProfileBlob
            do {
                blob = try blobs.read(bytes)
            } catch {
                return try report(.row, "series \(series), window at \(second): \(error)")
            }
            if let last = blob.pairs.last, let stackCount, last.stack >= stackCount {
                try report(.row, "series \(series), window at \(second): an unknown stack")
            }
            if blob.total != number {
                try report(.sum, "series \(series), window at \(second): its total is not its sum")
            }
            let place = totalsPlace(series, second)
            if expected?.key != place.key {
                try compare()
                expected = (place.key, HourTotals())
            }
            expected?.totals.set(
                HourTotals.Point(
                    second: place.point, durationMilliseconds: blob.durationMilliseconds,
                    value: blob.total))
        }
        try compare()
        if seen & ~bits != 0 {
            try report(.sum, "the row of series \(series) lacks hours in which it has windows")
        }
        try reader.forEachTotals(all) { key, _ in
            guard !keys.contains(key) else { return }
            try report(.sum, "series \(series) has totals from \(hour(key)) on and no windows")
        }
    }

    private func hour(_ totalsKey: Int64) -> Int64 { (totalsKey & 0xffff_ffff) * StoredSecond.hour }

    /// Where the total of a window is kept.
    private func totalsPlace(_ series: UInt32, _ second: Int64) -> (key: Int64, point: UInt32) {
        switch id.level {
        case .raw:
            let hour = second / StoredSecond.hour
            return (
                StoredSecond.key(series: series, second: hour),
                UInt32(truncatingIfNeeded: second % StoredSecond.hour)
            )
        case .hourly:
            let first = id.hours.lowerBound
            return (
                StoredSecond.key(series: series, second: first),
                UInt32(truncatingIfNeeded: second / StoredSecond.hour - first)
            )
        }
    }

    private func forEachWindow(
        _ keys: ClosedRange<Int64>, _ body: (_ key: Int64, _ number: Int64?, RawSpan) throws -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            database, sql: "SELECT k, n, b FROM p WHERE k BETWEEN ? AND ? ORDER BY k",
            arguments: [keys.lowerBound, keys.upperBound])
        while let row = try rows.next() {
            let key = try row.decode(Int64.self, atIndex: 0)
            let number = try? row.decode(Int64.self, atIndex: 1)
            try row.withUnsafeData(atIndex: 2) { data in
                if let data {
                    try body(key, number, data.bytes)
                } else {
                    try body(key, number, RawSpan())
                }
            }
        }
    }
}
