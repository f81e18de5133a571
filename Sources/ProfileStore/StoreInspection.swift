import GRDB

/// Looks into a store's files without changing them, also while a daemon has it open.
///
/// Nothing is recovered or migrated. What the daemon writes meanwhile is seen or not, file by file.
/// Memory is bounded by one service's dictionaries and one window. Calls block their thread.
package struct StoreInspection: Sendable {
    let directory: StoreDirectory

    /// Throws `.directory` when there is no store.
    package init(directory path: String) throws(StoreError) {
        directory = StoreDirectory(path: path)
        guard directory.hasMeta else {
            throw StoreError(
                .directory, "there is no store in \(path): it has no meta.db that we may read")
        }
        _ = try directory.partitions()
    }

    // MARK: Figures

    package func statistics() throws(StoreError) -> StoreStatistics {
        var statistics = StoreStatistics()
        statistics.bytes = directory.allocatedBytes()
        statistics.filesSetAside = try directory.filesSetAside().count
        statistics.series =
            (try? InspectedFile(path: directory.metaPath).read { database, _ in
                try Int.fetchOne(database, sql: "SELECT count(*) FROM series")
            }) ?? 0
        for id in try orderedPartitions() { statistics.files.append(measure(id)) }
        return statistics
    }

    private func orderedPartitions() throws(StoreError) -> [PartitionID] {
        try directory.partitions().sorted {
            ($0.level.rawValue, $0.start) < ($1.level.rawValue, $1.start)
        }
    }

    private func measure(_ id: PartitionID) -> StoreStatistics.File {
        var file = StoreStatistics.File(
            name: "partitions/\(id.fileName)", level: id.level == .raw ? .raw : .hourly,
            start: id.start, seconds: id.level.length)
        let path = directory.partitionPath(id)
        file.bytes = StoreDirectory.allocatedBytes(of: path)
        do {
            try InspectedFile(path: path).read { database, version in
                try PartitionInspection(database, id, version: version).measure(&file)
            }
            file.rolledUpHours = try rolledUpHours(of: id).count
        } catch {
            file.problem = "\(error)"
        }
        return file
    }

    /// The hours whose roll-up queries use while the raw file is there.
    private func rolledUpHours(of id: PartitionID) throws -> [Int64] {
        let own = try hours(of: id)
        guard id.level == .raw, !own.isEmpty else { return own.keys.sorted() }
        let hourly = PartitionID(.hourly, of: id.start)
        guard directory.hasPartition(hourly), let others = try? hours(of: hourly) else { return [] }
        return own.filter { others[$0.key] == $0.value }.keys.sorted()
    }

    private func hours(of id: PartitionID) throws -> [Int64: Int64] {
        try InspectedFile(path: directory.partitionPath(id)).read { database, version in
            version < DatabaseSettings.version ? [:] : try PartitionReader(database, id).hours()
        }
    }

    // MARK: Checks

    /// Reads everything and gives each finding to `report`, as it is found. Stops when `report` throws.
    package func verify(_ report: (StoreFinding) throws -> Void) throws {
        for name in try directory.filesSetAside() {
            try report(
                StoreFinding(
                    kind: .setAside, file: "partitions/\(name)",
                    message: "was damaged and set aside; it can be deleted"))
        }
        try check(directory.metaPath, "meta.db", report) { _, _ in }
        for id in try orderedPartitions() {
            try verify(id, report)
        }
    }

    /// As `verify(_:)`, at most `limit` findings.
    package func findings(limit: Int = 1000) throws(StoreError) -> [StoreFinding] {
        struct Enough: Error {}
        var findings: [StoreFinding] = []
        do {
            try verify {
                guard findings.count < limit else { throw Enough() }
                findings.append($0)
            }
        } catch let error as StoreError {
            throw error
        } catch {}
        return findings
    }

    private func verify(
        _ id: PartitionID, _ report: (StoreFinding) throws -> Void
    ) throws {
        let name = "partitions/\(id.fileName)"
        try check(directory.partitionPath(id), name, report) { database, version in
            let inspection = PartitionInspection(database, id, version: version)
            func row(_ kind: StoreFinding.Kind, _ message: String) throws {
                try report(StoreFinding(kind: kind, file: name, message: message))
            }
            try inspection.verify(row)
            guard id.level == .raw, version == DatabaseSettings.version else { return }
            // Raw first, as queries read: a roll-up of the name it knows is then true of it.
            let names = try PartitionReader(database, id).hours()
            let hourly = PartitionID(.hourly, of: id.start)
            guard !names.isEmpty, directory.hasPartition(hourly),
                let other = try? InspectedFile(path: directory.partitionPath(hourly))
            else { return }
            do {
                try other.read { otherDatabase, _ in
                    try RollUpInspection(
                        raw: PartitionReader(database, id),
                        hourly: PartitionReader(otherDatabase, hourly)
                    ).verify(names, row)
                }
            } catch let error as StoreError where error.code != .cancelled {
                try row(.rollUp, "\(hourly.fileName) cannot be held to it: \(error.message)")
            }
        }
    }

    /// Opens a file, has SQLite check it, and lets `body` look into it when it is sound and not newer.
    private func check(
        _ path: String, _ name: String, _ report: (StoreFinding) throws -> Void,
        _ body: (Database, _ version: Int) throws -> Void
    ) throws {
        do {
            let file = try InspectedFile(path: path)
            let problems = try file.integrityProblems()
            for problem in problems {
                try report(StoreFinding(kind: .file, file: name, message: problem))
            }
            try file.read { database, version in
                guard version <= DatabaseSettings.version else {
                    try report(
                        StoreFinding(
                            kind: .version, file: name,
                            message: "was written by a newer Hearth (layout \(version))"))
                    return
                }
                try body(database, version)
            }
        } catch let error as StoreError {
            try report(StoreFinding(kind: .file, file: name, message: error.message))
        }
    }
}
