import GRDB

/// How every SQLite file of the store is opened.
enum DatabaseSettings {
    /// What turns a file of the layout before into one of the next.
    typealias Migration = @Sendable (Database) throws -> Void

    /// The layout this version writes, in `user_version`: 1 had no roll-ups, and names in the
    /// dictionary of every service.
    static let version = 2

    /// WAL, so that queries never wait for the writer; `synchronous=FULL` must be set after GRDB has
    /// set WAL up, since that sets NORMAL: see `prepare`.
    static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 3
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA cache_size = -1024")
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    /// Makes commits durable and the layout this version's, from whatever version it is; `fill` runs
    /// with a new file, in the transaction that makes it. Throws `.version` for a newer layout.
    static func prepare(
        _ database: Database, migrations: [Migration], path: String,
        fill: (Database) throws -> Void = { _ in }
    ) throws {
        try database.execute(sql: "PRAGMA synchronous = FULL")
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard found <= version else {
            throw StoreError(
                .version,
                "\(path) was written by a newer Hearth (layout \(found), this one knows \(version)); upgrade, or use another data directory"
            )
        }
        guard found < version else { return }
        try database.inTransaction(.immediate) {
            for migration in migrations[max(found, 0)...] { try migration(database) }
            if found == 0 { try fill(database) }
            try database.execute(sql: "PRAGMA user_version = \(version)")
            return .commit
        }
    }
}
