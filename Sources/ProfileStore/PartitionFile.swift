import FoundationEssentials
import GRDB

/// One SQLite file with six hours of profiles, open.
///
/// It is complete in itself: series, dictionaries, profiles. Queries run on connections of their own
/// while the writer commits.
final class PartitionFile: Sendable {
    /// The first second it covers.
    let start: Int64
    let path: String
    private let pool: DatabasePool

    private static let schema = """
        CREATE TABLE IF NOT EXISTS series(k INTEGER PRIMARY KEY, n INTEGER NOT NULL, b BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS p(k INTEGER PRIMARY KEY, n INTEGER NOT NULL, b BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS total(k INTEGER PRIMARY KEY, b BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS dict(k INTEGER PRIMARY KEY, b BLOB NOT NULL);
        """

    /// Opens the file, making it when it is not there.
    init(start: Int64, path: String, space: Int64) throws(StoreError) {
        self.start = start
        self.path = path
        do {
            pool = try DatabasePool(path: path, configuration: DatabaseSettings.configuration())
            try pool.writeWithoutTransaction {
                try DatabaseSettings.prepare($0, schema: Self.schema, path: path)
            }
        } catch {
            throw StoreError(error, at: path, space: space)
        }
    }

    /// Waits for queries that are under way, then closes.
    func close() throws { try pool.close() }

    /// Runs on a connection of its own, seeing one state throughout; stops when the task is cancelled.
    func read<T: Sendable>(
        _ body: @escaping @Sendable (PartitionReader) throws -> T
    ) async throws(StoreError) -> T {
        do {
            return try await pool.read { database in
                let reader = PartitionReader(database)
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
            return try pool.writeWithoutTransaction { try body(PartitionReader($0)) }
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
        }
    }
}
