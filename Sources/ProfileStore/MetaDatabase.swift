import FoundationEssentials
import GRDB
import ProfileModel

/// `meta.db`: the series of the whole store, and batches that span partitions until each file has its
/// part. Used by the writer alone.
struct MetaDatabase {
    private let queue: DatabaseQueue
    private let path: String

    /// As `PartitionFile.migrations`.
    private static let migrations: [DatabaseSettings.Migration] = [
        {
            try $0.execute(
                sql: """
                    CREATE TABLE series(
                        id INTEGER PRIMARY KEY, service INTEGER NOT NULL, type TEXT NOT NULL);
                    CREATE TABLE label(
                        series INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
                        PRIMARY KEY(series, name)) WITHOUT ROWID;
                    CREATE TABLE unfinished(partition INTEGER PRIMARY KEY, b BLOB NOT NULL);
                    """)
        },
        { _ in },
    ]

    init(path: String, space: Int64) throws(StoreError) {
        self.path = path
        do {
            queue = try DatabaseQueue(path: path, configuration: DatabaseSettings.configuration())
            try queue.writeWithoutTransaction {
                try DatabaseSettings.prepare($0, migrations: Self.migrations, path: path)
            }
        } catch {
            throw StoreError(error, at: path, space: space)
        }
    }

    func close() { try? queue.close() }

    func loadSeries() throws(StoreError) -> SeriesIndex {
        do {
            return try queue.read { database in
                var labels: [Int64: [Label]] = [:]
                let rows = try Row.fetchCursor(
                    database, sql: "SELECT series, name, value FROM label")
                while let row = try rows.next() {
                    let series = try row.decode(Int64.self, atIndex: 0)
                    labels[series, default: []].append(
                        Label(
                            try row.decode(String.self, atIndex: 1),
                            try row.decode(String.self, atIndex: 2)))
                }
                var index = SeriesIndex()
                let series = try Row.fetchCursor(
                    database, sql: "SELECT id, service, type FROM series")
                while let row = try series.next() {
                    let id = try row.decode(Int64.self, atIndex: 0)
                    let service = try row.decode(Int64.self, atIndex: 1)
                    let type = try row.decode(String.self, atIndex: 2)
                    guard let id32 = UInt32(exactly: id), let service = UInt32(exactly: service),
                        let type = ProfileType(id: type)
                    else { continue }
                    let key = SeriesKey(labels: LabelSet(labels[id] ?? []), type: type)
                    index.insert(SeriesIndex.Series(id: id32, service: service, key: key))
                }
                return index
            }
        } catch {
            throw StoreError(error, at: path)
        }
    }

    /// Adds series and, for a batch that spans partitions, what each file shall have: at once.
    func record(
        _ series: [SeriesIndex.Series], unfinished: [Int64: [RowImage]] = [:], space: Int64
    ) throws(StoreError) {
        do {
            try queue.write { database in
                for one in series {
                    try database.execute(
                        sql: "INSERT OR REPLACE INTO series(id, service, type) VALUES (?, ?, ?)",
                        arguments: [Int64(one.id), Int64(one.service), one.key.type.id])
                    for label in one.key.labels.labels {
                        try database.execute(
                            sql:
                                "INSERT OR REPLACE INTO label(series, name, value) VALUES (?, ?, ?)",
                            arguments: [Int64(one.id), label.name, label.value])
                    }
                }
                for (partition, images) in unfinished {
                    try database.execute(
                        sql: "INSERT OR REPLACE INTO unfinished(partition, b) VALUES (?, ?)",
                        arguments: [partition, Data(RowImage.encode(images))])
                }
            }
        } catch {
            throw StoreError(error, at: path, space: space)
        }
    }

    /// What files shall have and may not have yet.
    func unfinished() throws(StoreError) -> [(partition: Int64, images: [RowImage])] {
        do {
            return try queue.read { database in
                var found: [(Int64, [RowImage])] = []
                let rows = try Row.fetchCursor(
                    database, sql: "SELECT partition, b FROM unfinished ORDER BY partition")
                while let row = try rows.next() {
                    let partition = try row.decode(Int64.self, atIndex: 0)
                    try row.withUnsafeData(atIndex: 1) { data in
                        if let data { found.append((partition, try RowImage.decode(data.bytes))) }
                    }
                }
                return found
            }
        } catch {
            throw StoreError(error, at: path)
        }
    }

    func finish(_ partition: Int64, space: Int64) throws(StoreError) {
        try execute("DELETE FROM unfinished WHERE partition = ?", [partition], space: space)
    }

    func removeSeries(_ ids: [UInt32]) throws(StoreError) {
        do {
            try queue.write { database in
                for id in ids {
                    try database.execute(
                        sql: "DELETE FROM series WHERE id = ?", arguments: [Int64(id)])
                    try database.execute(
                        sql: "DELETE FROM label WHERE series = ?", arguments: [Int64(id)])
                }
            }
        } catch {
            throw StoreError(error, at: path)
        }
    }

    private func execute(_ sql: String, _ arguments: StatementArguments, space: Int64)
        throws(StoreError)
    {
        do {
            try queue.write { try $0.execute(sql: sql, arguments: arguments) }
        } catch {
            throw StoreError(error, at: path, space: space)
        }
    }
}
