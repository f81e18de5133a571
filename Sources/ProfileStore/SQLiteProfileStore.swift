package import ProfileModel
import Synchronization

/// The embedded store: SQLite files under one directory, see `StoreDirectory`.
///
/// A write is durable (WAL, `synchronous=FULL`) and visible when it returns. `kill -9` at any instant
/// loses nothing acknowledged and leaves no half batch. Queries run beside the writer.
package struct SQLiteProfileStore: ProfileStore {
    private let writer: StoreWriter
    let state: StoreState

    /// Opens or makes the store in `directory`, finishing what a killed process left.
    ///
    /// Throws `.busy` when another process has it, `.directory` or `.full` when it cannot be used,
    /// `.version` when a newer Hearth wrote it.
    package init(
        directory: String, options: StoreOptions = StoreOptions()
    ) async throws(StoreError) {
        writer = try StoreWriter(directory, options: options)
        state = writer.shared
        try await writer.recover()
    }

    package func write(_ batch: ProfileBatch) async throws(StoreError) {
        try await writer.write(batch)
    }

    /// Removes what `StoreOptions.retention` no longer keeps; gives how many partitions went.
    @discardableResult
    package func applyRetention(now: Timestamp) async throws(StoreError) -> Int {
        try await writer.applyRetention(now: now)
    }

    /// Throws `.full` when nothing can be written for want of room.
    package func requireRoom() async throws(StoreError) { try await writer.requireRoom() }

    package func status() async -> StoreStatus {
        let health = state.health.withLock { $0 }
        func time(_ second: Int64?) -> Timestamp? {
            second.map { Timestamp(milliseconds: $0 * 1000) }
        }
        return StoreStatus(
            problem: health.problem, seriesCount: state.index.withLock { $0.count },
            partitionCount: state.partitions.count,
            bytesOnDisk: state.directory.allocatedBytes(), pairsWritten: health.pairsWritten,
            oldest: time(health.bounds?.lowerBound), newest: time(health.bounds?.upperBound),
            damagedPartitions: health.damagedPartitions, damagedRows: health.damagedRows)
    }

    package func close() async { await writer.close() }

    // MARK: Reading partitions

    /// Asks every partition that overlaps `seconds` and is whole, in order of time.
    ///
    /// A file found damaged on the way is set aside and left out, as is one that retention removes.
    func forEachPartition<T: Sendable>(
        overlapping seconds: ClosedRange<Int64>?,
        _ body: @escaping @Sendable (PartitionReader, _ start: Int64) throws -> T,
        then take: (T) -> Void
    ) async throws(StoreError) {
        try state.checkOpen()
        for start in state.partitions.starts(overlapping: seconds) {
            guard let file = try await file(start) else { continue }
            do {
                take(try await file.read { try body($0, start) })
            } catch  where error.code == .corrupt {
                await writer.setAside(start, because: error)
            } catch  where error.code == .closed && !state.partitions.contains(start) {
                continue
            }
        }
    }

    private func file(_ start: Int64) async throws(StoreError) -> PartitionFile? {
        if let file = state.partitions.file(start) { return file }
        return try await writer.existingFile(start)
    }

    /// Which series have data in which hour of a partition; empty when it is gone.
    func activity(_ start: Int64) async throws(StoreError) -> PartitionCatalog.Activity {
        if let known = state.partitions.activity(start) { return known }
        _ = try await writer.existingFile(start)
        return state.partitions.activity(start) ?? [:]
    }
}
