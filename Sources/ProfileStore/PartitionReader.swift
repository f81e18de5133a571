import FoundationEssentials
import GRDB

/// The questions asked of a partition file, on one connection.
struct PartitionReader {
    private let database: Database
    let id: PartitionID

    init(_ database: Database, _ id: PartitionID) {
        self.database = database
        self.id = id
    }

    func pin() throws {
        _ = try Row.fetchOne(
            try database.cachedStatement(sql: "SELECT k FROM series LIMIT 1"))
    }

    /// Every profile blob of the keys, in order of key.
    func forEachProfile(
        _ keys: ClosedRange<Int64>, _ body: (_ key: Int64, _ blob: RawSpan) throws -> Void
    ) throws {
        try forEach("SELECT k, b FROM p WHERE k BETWEEN ? AND ? ORDER BY k", keys, body)
    }

    /// Every packed hour of totals of the keys, in order of key.
    func forEachTotals(
        _ keys: ClosedRange<Int64>, _ body: (_ key: Int64, _ blob: RawSpan) throws -> Void
    ) throws {
        try forEach("SELECT k, b FROM total WHERE k BETWEEN ? AND ? ORDER BY k", keys, body)
    }

    /// A service's dictionary segments, in order; those of the symbols are service 0's.
    func forEachSegment(
        service: UInt32, _ body: (_ key: Int64, _ blob: RawSpan) throws -> Void
    ) throws {
        let first = Int64(service) << 32
        try forEach(
            "SELECT k, b FROM dict WHERE k BETWEEN ? AND ? ORDER BY k",
            first...(first | 0xffff_ffff), body)
    }

    private func forEach(
        _ sql: String, _ keys: ClosedRange<Int64>, _ body: (Int64, RawSpan) throws -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            try database.cachedStatement(sql: sql), arguments: [keys.lowerBound, keys.upperBound])
        while let row = try rows.next() {
            // Not `row[0]`, which traps on what a flipped byte can make of a column.
            let key = try row.decode(Int64.self, atIndex: 0)
            try row.withUnsafeData(atIndex: 1) { data in
                if let data { try body(key, data.bytes) } else { try body(key, RawSpan()) }
            }
        }
    }

    func profile(_ key: Int64) throws -> [UInt8]? { try blob("SELECT b FROM p WHERE k = ?", key) }

    func totals(_ key: Int64) throws -> [UInt8]? {
        try blob("SELECT b FROM total WHERE k = ?", key)
    }

    private func blob(_ sql: String, _ key: Int64) throws -> [UInt8]? {
        try Data.fetchOne(try database.cachedStatement(sql: sql), arguments: [key]).map(Array.init)
    }

    /// Whether any window of the keys is stored.
    func hasProfile(_ keys: ClosedRange<Int64>) throws -> Bool {
        try Int64.fetchOne(
            try database.cachedStatement(sql: "SELECT k FROM p WHERE k BETWEEN ? AND ? LIMIT 1"),
            arguments: [keys.lowerBound, keys.upperBound]) != nil
    }

    /// Bit b of a series' number is set when it has data in the partition's b-th unit of time.
    func activity() throws -> [UInt32: UInt64] {
        var activity: [UInt32: UInt64] = [:]
        let rows = try Row.fetchCursor(database, sql: "SELECT k, n FROM series")
        while let row = try rows.next() {
            let id = try row.decode(Int64.self, atIndex: 0)
            if let hours = try? row.decode(Int64.self, atIndex: 1), let id = UInt32(exactly: id) {
                activity[id] = UInt64(bitPattern: hours)
            }
        }
        return activity
    }

    /// Hours since 1970 with a name: in a raw file, of the roll-up that is true of it; in an hourly
    /// file, of the whole roll-up it holds.
    func hours() throws -> [Int64: Int64] {
        var hours: [Int64: Int64] = [:]
        let rows = try Row.fetchCursor(
            try database.cachedStatement(sql: "SELECT k, n FROM hour"))
        while let row = try rows.next() {
            hours[try row.decode(Int64.self, atIndex: 0)] =
                try? row.decode(Int64.self, atIndex: 1)
        }
        return hours
    }

    /// Of a raw file, the hours (a bit each) whose roll-up was there before the file, made from one
    /// that was set aside: what is in the file came after it, so both are added up, and the roll-up
    /// is never made again.
    func additiveHours() throws -> UInt64 {
        let row = try Int64.fetchOne(
            try database.cachedStatement(sql: "SELECT n FROM about WHERE k = ?"),
            arguments: [PartitionFile.additiveRow])
        return UInt64(bitPattern: row ?? 0)
    }

    /// The series it holds; damaged rows are left out.
    func series() throws -> [SeriesIndex.Series] {
        var series: [SeriesIndex.Series] = []
        let rows = try Row.fetchCursor(database, sql: "SELECT k, b FROM series ORDER BY k")
        while let row = try rows.next() {
            let id = try row.decode(Int64.self, atIndex: 0)
            try row.withUnsafeData(atIndex: 1) { data in
                if let data, let known = SeriesRow.decode(id: id, data.bytes) {
                    series.append(known)
                }
            }
        }
        return series
    }

    /// The first and the last second with a window; nil when there is none.
    func bounds() throws -> ClosedRange<Int64>? {
        var bounds: ClosedRange<Int64>?
        try forEach("SELECT k, b FROM total WHERE k BETWEEN ? AND ?", 0...Int64.max) { key, blob in
            guard let totals = try? HourTotals(blob), let first = totals.points.first,
                let last = totals.points.last
            else { return }
            let low = min(bounds?.lowerBound ?? .max, second(of: first, key: key))
            let high = max(bounds?.upperBound ?? .min, second(of: last, key: key))
            bounds = low...high
        }
        return bounds
    }

    /// When a point of the totals under `key` starts.
    func second(of point: HourTotals.Point, key: Int64) -> Int64 {
        let hour = (key & 0xffff_ffff) * StoredSecond.hour
        switch id.level {
        case .raw: return hour + Int64(point.second)
        case .hourly: return hour + Int64(point.second) * StoredSecond.hour
        }
    }

    /// A service's dictionary as this connection sees it.
    func dictionary(of service: UInt32) throws -> ServiceDictionary {
        ServiceDictionary(try content(of: service))
    }

    /// The file's symbols as this connection sees them.
    func symbols() throws -> SymbolDictionary { SymbolDictionary(try content(of: 0)) }

    private func content<Content: SegmentedContent>(of service: UInt32) throws -> Content {
        var content = Content()
        let codec = ZstdCodec()
        try forEachSegment(service: service) { _, blob in
            try content.append(segment: blob, codec: codec)
        }
        return content
    }
}
