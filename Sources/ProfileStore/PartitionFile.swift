import Dispatch
import FoundationEssentials
import GRDB

/// One SQLite file with the profiles of a span of time, open.
///
/// It is complete in itself: series, dictionaries, profiles. Queries run on connections of their own
/// while the writer commits.
final class PartitionFile: Sendable {
    let id: PartitionID
    let path: String
    private let pool: DatabasePool

    /// By layout version: what turns a file of the one before into one of this.
    private static let migrations: [DatabaseSettings.Migration] = [
        {
            try $0.execute(
                sql: """
                    CREATE TABLE series(
                        k INTEGER PRIMARY KEY, n INTEGER NOT NULL, b BLOB NOT NULL);
                    CREATE TABLE p(k INTEGER PRIMARY KEY, n INTEGER NOT NULL, b BLOB NOT NULL);
                    CREATE TABLE total(k INTEGER PRIMARY KEY, b BLOB NOT NULL);
                    CREATE TABLE dict(k INTEGER PRIMARY KEY, b BLOB NOT NULL);
                    """)
        },
        {
            try $0.execute(
                sql: """
                    CREATE TABLE hour(k INTEGER PRIMARY KEY, n INTEGER NOT NULL);
                    CREATE TABLE about(k INTEGER PRIMARY KEY, n INTEGER NOT NULL);
                    """)
            try DictionaryMigration.run($0)
        },
    ]

    /// The row of `about` whose number has a bit per hour that `additiveHours` names.
    static let additiveRow: Int64 = 1

    /// Opens the file, making it when it is not there. Of a new raw file, `additiveHours` are those
    /// that were rolled up from a file that is no more: see `PartitionReader.additiveHours`.
    init(_ id: PartitionID, path: String, space: Int64, additiveHours: UInt64 = 0)
        throws(StoreError)
    {
        self.id = id
        self.path = path
        do {
            pool = try DatabasePool(path: path, configuration: DatabaseSettings.configuration())
            try pool.writeWithoutTransaction { database in
                try DatabaseSettings.prepare(
                    database, migrations: Self.migrations, path: path
                ) {
                    guard additiveHours != 0 else { return }
                    try $0.execute(
                        sql: "INSERT INTO about(k, n) VALUES (?, ?)",
                        arguments: [Self.additiveRow, Int64(bitPattern: additiveHours)])
                }
            }
        } catch {
            throw StoreError(error, at: path, space: space)
        }
    }

    /// Waits for queries that are under way, then closes; the log is written back and gone.
    func close() throws {
        emptyLog()
        try pool.close()
    }

    /// Without this a file closed by its last reader, which may not write, keeps its log for ever.
    private func emptyLog() {
        try? pool.barrierWriteWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    }

    /// For a file that is let go while queries may still use it: empties its log once they are done.
    func retire() { Self.closing.async { self.emptyLog() } }

    /// As `close`, on a thread that may wait: queries can take long, and nothing else shall.
    func closeApart() async {
        await withCheckedContinuation { done in
            Self.closing.async {
                try? self.close()
                done.resume()
            }
        }
    }

    private static let closing = DispatchQueue(label: "hearth.store.closing")

    /// Runs on a connection of its own, seeing one state throughout; stops when the task is cancelled.
    func read<T: Sendable>(
        _ body: @escaping @Sendable (PartitionReader) throws -> T
    ) async throws(StoreError) -> T {
        do {
            return try await pool.read { [id] database in
                let reader = PartitionReader(database, id)
                // The state that is seen is fixed by the first statement that reads.
                try reader.pin()
                return try body(reader)
            }
        } catch {
            throw StoreError(error, at: path)
        }
    }

    /// What the writer sees: all that is committed.
    func readNow<T>(_ body: (PartitionReader) throws -> T) throws(StoreError) -> T {
        do {
            return try pool.writeWithoutTransaction { try body(PartitionReader($0, id)) }
        } catch {
            throw StoreError(error, at: path)
        }
    }

    /// Makes the rows so, all or none, durably.
    func apply(_ images: [RowImage], space: Int64) throws(StoreError) {
        do {
            try pool.write { database in
                for image in images { try Self.apply(image, to: database) }
            }
        } catch {
            throw StoreError(error, at: path, space: space)
        }
    }

    private static func apply(_ image: RowImage, to database: Database) throws {
        let name =
            switch image.table {
            case .profiles: "p"
            case .totals: "total"
            case .dictionary: "dict"
            case .series: "series"
            case .hour: "hour"
            }
        guard let bytes = image.bytes else {
            try database.cachedStatement(sql: "DELETE FROM \(name) WHERE k = ?")
                .execute(arguments: [image.key])
            return
        }
        switch image.table {
        case .profiles, .series:
            try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO \(name)(k, n, b) VALUES (?, ?, ?)"
            )
            .execute(arguments: [image.key, image.number, Data(bytes)])
        case .totals, .dictionary:
            try database.cachedStatement(sql: "INSERT OR REPLACE INTO \(name)(k, b) VALUES (?, ?)")
                .execute(arguments: [image.key, Data(bytes)])
        case .hour:
            try database.cachedStatement(sql: "INSERT OR REPLACE INTO hour(k, n) VALUES (?, ?)")
                .execute(arguments: [image.key, image.number])
        }
    }
}
