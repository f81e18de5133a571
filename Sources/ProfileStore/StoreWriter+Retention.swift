import ProfileModel
import Synchronization

extension StoreWriter {
    /// Removes partitions that are too old, then the oldest ones until the store fits its bytes; the
    /// newest of each level always stays. Gives how many went.
    ///
    /// A twentieth of the bytes stays free, so that what is written until the next call fits, too.
    /// A raw partition's hours are rolled up first; when that cannot be, for want of room, what is in
    /// the hourly file has to do.
    func applyRetention(now: Timestamp) async throws(StoreError) -> Int {
        try state.checkOpen()
        let policy = options.retention
        horizon = policy.horizon(.raw, now: now)
        let bytes = policy.maximumBytes ?? min(directory.space().total / 10, 2 << 30)
        let limit = bytes - bytes / 20
        var removed = 0
        while true {
            try state.checkOpen()
            let isTooLarge = directory.allocatedBytes() > limit
            guard let id = removable.first(where: { isTooLarge || policy.isOver($0, now: now) })
            else { break }
            if id.level == .raw {
                await rollUpAll(of: id)
                if Task.isCancelled { break }  // not removed before its hours are kept
            }
            await remove(id)
            removed += 1
        }
        if removed > 0 {
            directory.synchronize()
            try forgetUnusedSeries()
            refreshBounds()
        }
        return removed
    }

    /// All but the newest of each level, oldest first.
    private var removable: [PartitionID] {
        PartitionLevel.allCases.flatMap { state.partitions.of($0).dropLast() }.sorted()
    }

    /// Writes go on between the slices. A slice that fails is tried again, since it may have set a
    /// damaged file aside.
    private func rollUpAll(of id: PartitionID) async {
        var failures = 0
        while !Task.isCancelled, failures < 3 {
            do {
                guard try rollUp(in: id) else { return }
            } catch {
                failures += 1
            }
            await Task.yield()
        }
    }

    private func remove(_ id: PartitionID) async {
        let file = state.partitions.remove(id)
        state.dictionaries.removeAll(ofPartition: id)
        rollUps.forget(id)
        if let file {
            leaving[id] = file
            await file.closeApart()
        }
        finishLeaving(id)
    }

    /// A file is deleted when it is closed, and never while another may have its name.
    func finishLeaving(_ id: PartitionID) {
        guard !state.partitions.contains(id) else { return }
        if let file = leaving.removeValue(forKey: id) { try? file.close() }
        directory.removeDatabase(directory.partitionPath(id))
    }

    private func forgetUnusedSeries() throws(StoreError) {
        var used: Set<UInt32> = []
        for id in state.partitions.all {
            guard let file = try existingFile(id) else { continue }
            used.formUnion(try file.readNow { try $0.activity() }.keys)
        }
        let unused = state.index.withLock { $0.byID.keys.filter { !used.contains($0) } }
        guard !unused.isEmpty else { return }
        try meta.removeSeries(unused)
        state.index.withLock { index in for id in unused { index.remove(id) } }
    }

    /// Looks up the first and the last window. Hours that only the hourly level has begin sooner.
    func refreshBounds() {
        func bounds(_ partitions: some Sequence<PartitionID>) -> ClosedRange<Int64>? {
            for id in partitions {
                if let file = try? existingFile(id),
                    let bounds = try? file.readNow({ try $0.bounds() })
                {
                    return bounds
                }
            }
            return nil
        }
        let (raw, hourly) = (state.partitions.of(.raw), state.partitions.of(.hourly))
        let firstRaw = raw.first?.start ?? .max
        let found = [
            bounds(raw), bounds(raw.reversed()),
            bounds(hourly).flatMap {
                $0.lowerBound < firstRaw ? $0.lowerBound...$0.lowerBound : nil
            },
        ].compactMap(\.self)
        state.health.withLock { health in
            health.bounds = found.map(\.lowerBound).min().flatMap { first in
                found.map(\.upperBound).max().map { first...$0 }
            }
        }
    }
}
