import GRDB
import ProfileModel
import Synchronization

/// The one that changes an embedded store's files: one write after another, on a thread of its own.
///
/// A batch in one partition is one transaction of that file; new series go to `meta.db` before it, so
/// that a crash in between leaves at worst series without data. A batch that spans partitions goes to
/// `meta.db` whole first, in the transaction that decides whether it is stored, and from there to the
/// files: `settle` finishes what a crash or a full disk interrupted.
actor StoreWriter {
    private nonisolated let executor: QueueExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let state: StoreState
    private let options: StoreOptions
    private let directory: StoreDirectory
    /// Nil once the store is closed: another may open it then.
    private var lock: DirectoryLock?
    private let meta: MetaDatabase
    private let codec = ZstdCodec()
    private var blobs = BlobReader()
    /// Whether `meta.db` holds what some file may not have yet.
    private var isUnsettled = false

    /// Opens what is there. Blocks for as long as SQLite needs to recover.
    init(_ path: String, options: StoreOptions) throws(StoreError) {
        executor = QueueExecutor(label: "hearth.store")
        self.options = options
        directory = StoreDirectory(path: path)
        try directory.create()
        lock = try DirectoryLock(directory)
        let opened = try Self.openMeta(directory)
        meta = opened.meta
        state = StoreState(
            directory: directory, index: opened.index,
            partitions: PartitionCatalog(
                starts: try directory.partitionStarts(), openLimit: options.openPartitions),
            dictionaries: DictionaryCache(limit: options.dictionaryMemory))
        if opened.wasDamaged { state.health.withLock { $0.damagedPartitions += 1 } }
        directory.synchronize()
    }

    nonisolated var shared: StoreState { state }

    /// A damaged `meta.db` is set aside and made anew from the partition files, which say
    /// themselves which series they hold.
    private static func openMeta(_ directory: StoreDirectory) throws(StoreError)
        -> (meta: MetaDatabase, index: SeriesIndex, wasDamaged: Bool)
    {
        let space = directory.space().free
        do {
            let meta = try MetaDatabase(path: directory.metaPath, space: space)
            return (meta, try meta.loadSeries(), false)
        } catch  where error.code == .corrupt {
            directory.setAside(directory.metaPath)
            let meta = try MetaDatabase(path: directory.metaPath, space: space)
            var index = SeriesIndex()
            for start in try directory.partitionStarts() {
                let path = directory.partitionPath(start)
                guard let file = try? PartitionFile(start: start, path: path, space: space),
                    let series = try? file.readNow({ try $0.series() })
                else { continue }
                for one in series { index.insert(one) }
            }
            try meta.record(Array(index.byID.values), space: space)
            return (meta, index, true)
        }
    }

    /// Finishes what the last process could not, and looks up the first and last window.
    func recover() throws(StoreError) {
        isUnsettled = true
        try settleIfNeeded()
        refreshBounds()
    }

    // MARK: Writing

    func write(_ batch: ProfileBatch) throws(StoreError) {
        try state.checkOpen()
        do {
            try settleIfNeeded()
            try store(batch)
            state.health.withLock { $0.problem = nil }
        } catch {
            note(problem: error)
            throw error
        }
    }

    /// A full disk or lost permission is what `/ready` reports; a bad batch is not.
    private func note(problem: StoreError) {
        switch problem.code {
        case .full, .directory, .database, .corrupt:
            state.health.withLock { $0.problem = problem.message }
        case .busy, .version, .badMatcher, .closed, .cancelled, .unstorable: break
        }
    }

    private func store(_ batch: ProfileBatch) throws(StoreError) {
        var index = state.index.withLock { $0 }
        let plan = try BatchPlan(batch, index: &index)
        // An empty window looks, too: where nothing runs, `/ready` must still learn of a full disk.
        let space = try checkSpace(for: plan)
        guard !plan.partitions.isEmpty else { return }

        state.dictionaries.beginWrite()
        var touched: [DictionaryCache.Key] = []
        var isCommitted = false
        defer { state.dictionaries.endWrite(failed: isCommitted ? [] : touched) }

        var writes: [(start: Int64, write: PartitionWrite)] = []
        var interner = StackInterner(batch.table)
        for (start, services) in plan.partitions.sorted(by: { $0.key < $1.key }) {
            let write = try prepare(
                services, in: start, profiles: batch.profiles, interner: &interner,
                touched: &touched, space: space)
            writes.append((start, write))
        }
        try commit(writes, newSeries: plan.newSeries, index: index, space: space)
        isCommitted = !isUnsettled
        note(plan)
    }

    private func prepare(
        _ services: [UInt32: [BatchPlan.Window]], in start: Int64, profiles: [Profile],
        interner: inout StackInterner, touched: inout [DictionaryCache.Key], space: Int64
    ) throws(StoreError) -> PartitionWrite {
        // A damaged file is set aside, and the second attempt begins a new one.
        for attempt in 1...2 {
            let file = try open(start, space: space)
            do {
                return try plan(
                    services, in: file, profiles: profiles, interner: &interner, touched: &touched)
            } catch  where error.code == .corrupt && attempt == 1 {
                setAside(start, because: error)
            }
        }
        throw StoreError(.corrupt, "\(directory.partitionPath(start)) is damaged again and again")
    }

    private func plan(
        _ services: [UInt32: [BatchPlan.Window]], in file: PartitionFile, profiles: [Profile],
        interner: inout StackInterner, touched: inout [DictionaryCache.Key]
    ) throws(StoreError) -> PartitionWrite {
        touched += services.keys.map { .init(partition: file.start, service: $0) }
        return try file.readNow { reader in
            var write = PartitionWrite(start: file.start, reader: reader, state: state)
            for (service, windows) in services {
                try write.add(
                    windows, service: service, profiles: profiles, interner: &interner,
                    blobs: &blobs, codec: codec)
            }
            return write
        }
    }

    private func commit(
        _ writes: [(start: Int64, write: PartitionWrite)], newSeries: [SeriesIndex.Series],
        index: SeriesIndex, space: Int64
    ) throws(StoreError) {
        if let only = writes.first, writes.count == 1 {
            if !newSeries.isEmpty {
                try meta.record(newSeries, space: space)
                state.index.withLock { $0 = index }
            }
            try open(only.start, space: space).apply(only.write.images, space: space)
            state.partitions.note(only.write.activity, in: only.start)
            return
        }
        var unfinished: [Int64: [RowImage]] = [:]
        for (start, write) in writes { unfinished[start] = write.images }
        try meta.record(newSeries, unfinished: unfinished, space: space)
        // From here on the batch is stored: what goes wrong below is finished later.
        state.index.withLock { $0 = index }
        isUnsettled = true
        do {
            try settle()
        } catch {
            note(problem: error)
        }
    }

    private func settleIfNeeded() throws(StoreError) {
        guard isUnsettled else { return }
        state.dictionaries.beginWrite()
        defer { state.dictionaries.endWrite() }
        try settle()
    }

    /// Gives every file the rows that `meta.db` holds for it.
    private func settle() throws(StoreError) {
        let space = directory.space().free
        for (start, images) in try meta.unfinished() {
            do {
                try open(start, space: space).apply(images, space: space)
            } catch  where error.code == .corrupt {
                setAside(start, because: error)
                try open(start, space: space).apply(images, space: space)
            }
            state.partitions.forgetContent(of: start)
            state.dictionaries.removeAll(ofPartition: start)
            try meta.finish(start, space: space)
        }
        isUnsettled = false
    }

    private func note(_ plan: BatchPlan) {
        state.health.withLock { health in
            health.pairsWritten += Int64(plan.pairCount)
            guard let added = plan.bounds else { return }
            health.bounds =
                min(
                    health.bounds?.lowerBound ?? added.lowerBound, added.lowerBound)...max(
                    health.bounds?.upperBound ?? added.upperBound, added.upperBound)
        }
    }

    /// The free space; throws `.full` when the batch would take it below the floor.
    private func checkSpace(for plan: BatchPlan) throws(StoreError) -> Int64 {
        // A pair takes 2 bytes or fewer once stored; its pages and the log take several times that.
        try checkSpace(for: Int64(plan.pairCount) * 16)
    }

    /// Throws `.full` when nothing can be written for want of room.
    func requireRoom() throws(StoreError) { _ = try checkSpace(for: 0) }

    private func checkSpace(for need: Int64) throws(StoreError) -> Int64 {
        let free = directory.space().free
        guard options.spaceFloor <= 0 || free - need >= options.spaceFloor else {
            throw StoreError(
                .full,
                "only \(free >> 20) MiB are free for \(directory.path), and \(options.spaceFloor >> 20) MiB are kept free; make room and writing goes on by itself"
            )
        }
        return free
    }

    // MARK: Files

    /// The partition's file, opened or made.
    private func open(_ start: Int64, space: Int64) throws(StoreError) -> PartitionFile {
        if let file = state.partitions.file(start) { return file }
        let isNew = !state.partitions.contains(start)
        do {
            return try openUnchecked(start, space: space, isNew: isNew)
        } catch  where error.code == .corrupt {
            setAside(start, because: error)
            return try openUnchecked(start, space: space, isNew: true)
        }
    }

    private func openUnchecked(_ start: Int64, space: Int64, isNew: Bool) throws(StoreError)
        -> PartitionFile
    {
        let file = try PartitionFile(
            start: start, path: directory.partitionPath(start), space: space)
        let activity = try file.readNow { try $0.activity() }
        if isNew { directory.synchronize() }
        state.partitions.insert(file, activity: activity)
        return file
    }

    /// For queries: the file of a partition that is there; nil when it is damaged or gone.
    func existingFile(_ start: Int64) throws(StoreError) -> PartitionFile? {
        try state.checkOpen()
        guard state.partitions.contains(start) else { return nil }
        if let file = state.partitions.file(start) { return file }
        do {
            return try openUnchecked(start, space: directory.space().free, isNew: false)
        } catch  where error.code == .corrupt || error.code == .version {
            setAside(start, because: error)
            return nil
        }
    }

    /// Takes a file that is not what we wrote out of use, once; its rows are lost to queries.
    func setAside(_ start: Int64, because error: StoreError) {
        guard state.partitions.contains(start) else { return }
        try? state.partitions.remove(start)?.close()
        state.dictionaries.removeAll(ofPartition: start)
        directory.setAside(directory.partitionPath(start))
        state.health.withLock { $0.damagedPartitions += 1 }
    }

    // MARK: Retention

    /// Removes partitions that are too old, then the oldest ones until the store fits its bytes; the
    /// newest always stays. Gives how many went.
    func applyRetention(now: Timestamp) throws(StoreError) -> Int {
        try state.checkOpen()
        let age = options.retention.maximumAge.components.seconds
        let horizon = StoredSecond.of(now).subtractingReportingOverflow(age).partialValue
        let limit =
            options.retention.maximumBytes ?? min(directory.space().total / 10, 2 << 30)
        var size = directory.allocatedBytes()
        var removed = 0
        for start in state.partitions.starts().dropLast() {
            guard start + StoredSecond.partitionLength <= horizon || size > limit else { break }
            let path = directory.partitionPath(start)
            let freed = StoreDirectory.allocatedBytes(of: path)
            try? state.partitions.remove(start)?.close()
            state.dictionaries.removeAll(ofPartition: start)
            directory.removeDatabase(path)
            size -= freed
            removed += 1
        }
        if removed > 0 {
            directory.synchronize()
            try forgetUnusedSeries()
            refreshBounds()
        }
        return removed
    }

    private func forgetUnusedSeries() throws(StoreError) {
        var used: Set<UInt32> = []
        for start in state.partitions.starts() {
            guard let file = try existingFile(start) else { continue }
            used.formUnion(try file.readNow { try $0.activity() }.keys)
        }
        let unused = state.index.withLock { $0.byID.keys.filter { !used.contains($0) } }
        guard !unused.isEmpty else { return }
        try meta.removeSeries(unused)
        state.index.withLock { index in for id in unused { index.remove(id) } }
    }

    private func refreshBounds() {
        let starts = state.partitions.starts()
        func bounds(_ starts: some Sequence<Int64>) -> ClosedRange<Int64>? {
            for start in starts {
                if let file = try? existingFile(start),
                    let bounds = try? file.readNow({ try $0.bounds() })
                {
                    return bounds
                }
            }
            return nil
        }
        let (first, last) = (bounds(starts), bounds(starts.reversed()))
        state.health.withLock { health in
            health.bounds = first.flatMap { first in
                last.map { first.lowerBound...max(first.upperBound, $0.upperBound) }
            }
        }
    }

    func close() {
        let wasClosed = state.health.withLock { health in
            defer { health.isClosed = true }
            return health.isClosed
        }
        guard !wasClosed else { return }
        for start in state.partitions.starts() { try? state.partitions.file(start)?.close() }
        meta.close()
        lock = nil
    }
}
