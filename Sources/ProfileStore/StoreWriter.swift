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

    let state: StoreState
    let options: StoreOptions
    let directory: StoreDirectory
    /// Nil once the store is closed: another may open it then.
    private var lock: DirectoryLock?
    let meta: MetaDatabase
    let codec = ZstdCodec()
    var blobs = BlobReader()
    var rollUps: RollUpPlan
    /// The second before which retention last took whole raw partitions for too old.
    var horizon: Int64?
    /// Files that retention took out and that queries may still be reading.
    var leaving: [PartitionID: PartitionFile] = [:]
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
        let partitions = try directory.partitions()
        rollUps = RollUpPlan(partitions.filter { $0.level == .raw })
        state = StoreState(
            directory: directory, index: opened.index,
            partitions: PartitionCatalog(partitions, openLimit: options.openPartitions),
            dictionaries: DictionaryCache(limit: options.dictionaryMemory),
            rollUpDelay: options.rollUpDelay)
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
            for id in try directory.partitions() {
                let path = directory.partitionPath(id)
                guard let file = try? PartitionFile(id, path: path, space: space),
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
            let newest = try store(batch)
            state.health.withLock { $0.problem = nil }
            if let newest { rollUpNext(after: newest) }
        } catch {
            note(problem: error)
            throw error
        }
    }

    /// One slice with every write keeps up by itself. What goes wrong is not the batch's: it is tried
    /// again with the next.
    private func rollUpNext(after newest: Int64) {
        guard !isUnsettled else { return }
        _ = try? rollUp(before: newest - options.rollUpDelay)
    }

    /// A full disk or lost permission is what `/ready` reports; a bad batch is not.
    private func note(problem: StoreError) {
        switch problem.code {
        case .full, .directory, .database, .corrupt:
            state.health.withLock { $0.problem = problem.message }
        case .busy, .version, .badMatcher, .closed, .cancelled, .unstorable: break
        }
    }

    /// Gives the last second with a window of the batch.
    private func store(_ batch: ProfileBatch) throws(StoreError) -> Int64? {
        var index = state.index.withLock { $0 }
        let plan = try BatchPlan(batch, index: &index)
        try checkAge(of: plan)
        // An empty window looks, too: where nothing runs, `/ready` must still learn of a full disk.
        let space = try checkSpace(for: plan)
        guard !plan.partitions.isEmpty else { return nil }

        state.dictionaries.beginWrite()
        var touched: [DictionaryCache.Key] = []
        var isCommitted = false
        defer { state.dictionaries.endWrite(failed: isCommitted ? [] : touched) }

        var writes: [(id: PartitionID, write: PartitionWrite)] = []
        var interner = StackInterner(batch.table)
        for (start, services) in plan.partitions.sorted(by: { $0.key < $1.key }) {
            let write = try prepare(
                services, in: .raw(start), profiles: batch.profiles, interner: &interner,
                touched: &touched, space: space)
            writes.append((.raw(start), write))
        }
        try commit(writes, newSeries: plan.newSeries, index: index, space: space)
        isCommitted = !isUnsettled
        note(plan)
        for (_, write) in writes {
            for (hour, series) in write.written { rollUps.wrote(series, hour: hour) }
        }
        state.health.withLock { $0.hoursToRollUp = rollUps.count }
        return plan.bounds?.upperBound
    }

    /// Throws `.unstorable` for a window that retention would delete again within a minute.
    private func checkAge(of plan: BatchPlan) throws(StoreError) {
        guard let horizon, let oldest = plan.partitions.keys.min() else { return }
        let id = PartitionID.raw(oldest)
        guard id.last < horizon, !state.partitions.contains(id) else { return }
        throw StoreError(
            .unstorable, "a profile is older than what is kept, \(options.retention.maximumAge)")
    }

    private func prepare(
        _ services: [UInt32: [BatchPlan.Window]], in id: PartitionID, profiles: [Profile],
        interner: inout StackInterner, touched: inout [DictionaryCache.Key], space: Int64
    ) throws(StoreError) -> PartitionWrite {
        // A damaged file is set aside, and the second attempt begins a new one.
        for attempt in 1...2 {
            let file = try open(id, space: space)
            do {
                return try plan(
                    services, in: file, profiles: profiles, interner: &interner, touched: &touched)
            } catch  where error.code == .corrupt && attempt == 1 {
                setAside(id, because: error)
            }
        }
        throw StoreError(.corrupt, "\(directory.partitionPath(id)) is damaged again and again")
    }

    private func plan(
        _ services: [UInt32: [BatchPlan.Window]], in file: PartitionFile, profiles: [Profile],
        interner: inout StackInterner, touched: inout [DictionaryCache.Key]
    ) throws(StoreError) -> PartitionWrite {
        touched += services.keys.map { .init(partition: file.id, service: $0) }
        touched.append(.init(partition: file.id, service: 0))
        return try file.readNow { reader in
            var write = PartitionWrite(reader: reader, state: state)
            try write.add(
                services, profiles: profiles, interner: &interner, blobs: &blobs, codec: codec)
            return write
        }
    }

    private func commit(
        _ writes: [(id: PartitionID, write: PartitionWrite)], newSeries: [SeriesIndex.Series],
        index: SeriesIndex, space: Int64
    ) throws(StoreError) {
        if let only = writes.first, writes.count == 1 {
            if !newSeries.isEmpty {
                try meta.record(newSeries, space: space)
                state.index.withLock { $0 = index }
            }
            try open(only.id, space: space).apply(only.write.images, space: space)
            state.partitions.note(only.write.activity, in: only.id)
            return
        }
        var unfinished: [Int64: [RowImage]] = [:]
        for (id, write) in writes { unfinished[id.start] = write.images }
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

    func settleIfNeeded() throws(StoreError) {
        guard isUnsettled else { return }
        state.dictionaries.beginWrite()
        defer { state.dictionaries.endWrite() }
        try settle()
    }

    /// Gives every file the rows that `meta.db` holds for it.
    private func settle() throws(StoreError) {
        let space = directory.space().free
        for (start, images) in try meta.unfinished() {
            let id = PartitionID.raw(start)
            do {
                try open(id, space: space).apply(images, space: space)
            } catch  where error.code == .corrupt {
                setAside(id, because: error)
                try open(id, space: space).apply(images, space: space)
            }
            state.partitions.forgetContent(of: id)
            state.dictionaries.removeAll(ofPartition: id)
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

    func checkSpace(for need: Int64) throws(StoreError) -> Int64 {
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
    func open(_ id: PartitionID, space: Int64) throws(StoreError) -> PartitionFile {
        if let file = state.partitions.file(id) { return file }
        let isNew = !state.partitions.contains(id)
        do {
            return try openUnchecked(id, space: space, isNew: isNew)
        } catch  where error.code == .corrupt {
            setAside(id, because: error)
            return try openUnchecked(id, space: space, isNew: true)
        }
    }

    private func openUnchecked(_ id: PartitionID, space: Int64, isNew: Bool) throws(StoreError)
        -> PartitionFile
    {
        if isNew, leaving[id] != nil { finishLeaving(id) }
        let additive = isNew ? hoursRolledUp(before: id) : 0
        let file = try PartitionFile(
            id, path: directory.partitionPath(id), space: space, additiveHours: additive)
        let activity = try file.readNow { try $0.activity() }
        if isNew {
            directory.synchronize()
            if additive != 0 { rollUps.doubt([id]) }
        }
        state.partitions.insert(file, activity: activity)
        return file
    }

    /// The hours of a raw partition to be made that another file, which is no more, was rolled up from.
    private func hoursRolledUp(before id: PartitionID) -> UInt64 {
        guard id.level == .raw,
            let hourly = try? existingFile(PartitionID(.hourly, of: id.start)),
            let hours = try? hourly.readNow({ try $0.hours() })
        else { return 0 }
        return id.hours.reduce(0) {
            hours[$1] == nil ? $0 : $0 | id.activityBit(ofHour: $1)
        }
    }

    /// For queries: the file of a partition that is there; nil when it is damaged or gone.
    func existingFile(_ id: PartitionID) throws(StoreError) -> PartitionFile? {
        try state.checkOpen()
        guard state.partitions.contains(id) else { return nil }
        if let file = state.partitions.file(id) { return file }
        do {
            return try openUnchecked(id, space: directory.space().free, isNew: false)
        } catch  where error.code == .corrupt {
            setAside(id, because: error)
            return nil
        }
    }

    /// Takes a file that is not what we wrote out of use, once; its rows are lost to queries.
    func setAside(_ id: PartitionID, because error: StoreError) {
        guard state.partitions.contains(id) else { return }
        let file = state.partitions.remove(id)
        state.dictionaries.removeAll(ofPartition: id)
        switch id.level {
        case .raw: rollUps.forget(id)
        // What raw files say is rolled up is not any more.
        case .hourly:
            rollUps.doubt(state.partitions.of(.raw, overlapping: id.start...id.last))
        }
        try? file?.close()
        directory.setAside(directory.partitionPath(id))
        state.health.withLock { $0.damagedPartitions += 1 }
    }

    func close() {
        let wasClosed = state.health.withLock { health in
            defer { health.isClosed = true }
            return health.isClosed
        }
        guard !wasClosed else { return }
        for id in state.partitions.all { try? state.partitions.file(id)?.close() }
        meta.close()
        lock = nil
    }
}
