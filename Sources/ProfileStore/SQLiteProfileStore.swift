package import ProfileModel
import Synchronization

/// The embedded store: SQLite files under one directory, see `StoreDirectory`.
///
/// A write is durable (WAL, `synchronous=FULL`) and visible when it returns. `kill -9` at any instant
/// loses nothing acknowledged and leaves no half batch. Queries run beside the writer.
package struct SQLiteProfileStore: ProfileStore {
    let writer: StoreWriter
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

    /// Rolls up hours that ended well before `now`, until none is left or the task is cancelled; writes
    /// go on between slices.
    package func rollUp(now: Timestamp) async throws(StoreError) {
        let closing = StoredSecond.of(now) - state.rollUpDelay
        while !Task.isCancelled, try await writer.rollUp(before: closing) { await Task.yield() }
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
            partitionCount: state.partitions.of(.raw).count,
            bytesOnDisk: state.directory.allocatedBytes(), pairsWritten: health.pairsWritten,
            oldest: time(health.bounds?.lowerBound), newest: time(health.bounds?.upperBound),
            damagedPartitions: health.damagedPartitions, damagedRows: health.damagedRows,
            hourlyPartitionCount: state.partitions.of(.hourly).count,
            hoursToRollUp: health.hoursToRollUp)
    }

    package func close() async { await writer.close() }

    // MARK: Reading partitions

    /// Asks one partition; nil when it is gone, or is found damaged on the way and set aside.
    func read<T: Sendable>(
        _ id: PartitionID, _ body: @escaping @Sendable (PartitionReader) throws -> T
    ) async throws(StoreError) -> T? {
        try state.checkOpen()
        do {
            guard let file = try await file(id) else { return nil }
            return try await file.read(body)
        } catch  where error.code == .corrupt {
            await writer.setAside(id, because: error)
            return nil
        } catch  where error.code != .cancelled && !state.partitions.contains(id) {
            // Deleted meanwhile: connections are opened as they are needed, also to a file just gone.
            return nil
        }
    }

    private func file(_ id: PartitionID) async throws(StoreError) -> PartitionFile? {
        if let file = state.partitions.file(id) { return file }
        return try await writer.existingFile(id)
    }

    func distrust(_ hours: Set<Int64>) async { await writer.distrust(hours) }

    /// Which series have data when in a partition; empty when it is gone.
    func activity(_ id: PartitionID) async throws(StoreError) -> PartitionCatalog.Activity {
        if let known = state.partitions.activity(id) { return known }
        _ = try await writer.existingFile(id)
        return state.partitions.activity(id) ?? [:]
    }
}
