import GRDB

/// One SQLite file of a store, opened read-only beside whoever else has it open.
struct InspectedFile {
    let path: String
    private let queue: DatabaseQueue

    init(path: String) throws(StoreError) {
        self.path = path
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw StoreError(error, at: path)
        }
    }

    /// One state of the file throughout; `version` is the layout it was written in. Throws what
    /// `body` throws, but a database's error as a `StoreError`.
    func read<T>(_ body: (Database, _ version: Int) throws -> T) throws -> T {
        do {
            return try queue.read { database in
                try body(database, try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0)
            }
        } catch let error where error is DatabaseError || error is RowDecodingError {
            throw StoreError(error, at: path)
        }
    }

    /// What SQLite itself finds wrong with the file, a line each.
    func integrityProblems() throws -> [String] {
        try read { database, _ in
            try String.fetchAll(database, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
        }
    }
}
