import CSampleABI
import LinuxSystem
package import ProcessTracking
package import ProfileModel

/// Keeps BPF's unwinder supplied, and unwinds what it could not: the only way in which anything flows
/// against the stream of samples. Confined to one thread.
package struct StackUnwinder: ~Copyable {
    private var arena: UnwindArena
    private let backing: any ArenaBacking
    private let loader: TableLoader?
    private var tables = TableCache()
    private var known: [UInt32: KnownProcess] = [:]
    /// Where the mappings of the process at hand are for a walk in user space.
    private let workspace: UnsafeMutableRawPointer
    private var counts = UnwindingCounters()

    /// Tables a single sample may cause to be read: a stack through more new images ends early, and the
    /// next sample goes on.
    private static let tablesPerSample = 64
    /// Tables used within this many units of 2^USED_SHIFT ns, about three seconds, are not evicted: two
    /// that do not fit together would drive each other out at every sample.
    private static let recency: UInt32 = 3
    /// A process that was introduced, and that no sample's turn has confirmed after so many nanoseconds,
    /// has ended.
    private static let introductionLife: UInt64 = 5_000_000_000

    /// - Parameters:
    ///   - byteLimit: what the arena may take of memory.
    ///   - loader: builds large tables; nil builds all at once.
    package init(backing: any ArenaBacking, byteLimit: Int, loader: TableLoader? = nil) {
        self.backing = backing
        self.loader = loader
        arena = UnwindArena(backing: backing, byteLimit: byteLimit)
        unsafe workspace = .allocate(byteCount: UnwindArena.segmentBytes, alignment: 4096)
        unsafe workspace.initializeMemory(
            as: UInt8.self, repeating: 0, count: UnwindArena.segmentBytes)
    }

    deinit { unsafe workspace.deallocate() }

    /// Makes the sample's user stack whole, if BPF sent a copy, and lets BPF know the process as it is
    /// now. The process is the one the sample was taken in, at the sample's time.
    ///
    /// False, and the sample unchanged, when a table it needs is still being built: ask again when
    /// `placeTables` has returned true. With `isLast` it is never false, and the stack ends there.
    package mutating func unwind(
        _ sample: inout Sample, in process: TrackedProcess, images: ImageTable, isLast: Bool
    ) -> Bool {
        if let copy = sample.stackCopy {
            let (result, mappings) = walk(copy, of: sample, in: process, images)
            if let mappings { publish(mappings, of: process, sample, images) }
            if result.stop == .tableUnread, !isLast { return false }
            counts.unwound += 1
            sample.setUserStack(result.frames, stop: result.stop, hash: result.hash)
        } else if process.areMappingsKnown, let place = known.index(forKey: process.tgid),
            known.values[place].isOutdated(by: process, at: sample.time)
        {
            refresh(process, sample, images)
        }
        return true
    }

    /// Tells readers what a process they know maps now.
    private mutating func refresh(
        _ process: TrackedProcess, _ sample: Sample, _ images: ImageTable
    ) {
        guard let published = known[process.tgid] else { return }
        if published.origin.tracked == nil, published.origin.mappings == process.mappings {
            known[process.tgid]?.origin = KnownProcess.Origin(process)
        } else {
            publish(mappings(process.mappings, images), of: process, sample, images)
        }
    }

    /// Reads the tables of images that nearly every process has, so that the first samples need not wait.
    package mutating func prepare(_ wanted: [MappedImage], process: UInt32) {
        for image in wanted where tables.entry(of: image, at: Clock.monotonic) == nil {
            load(image, process)
        }
    }

    /// Lets BPF know a process before its sample's turn comes: every sample until then would bring a
    /// copy of its stack, which is dear, and does not reach the root of a deep one.
    ///
    /// - Parameters:
    ///   - mappings: what the process maps now.
    ///   - program: the file it runs, whose table is read even though no sample was in it yet: it
    ///     will be, and a process's first sample is in the dynamic loader as a rule.
    ///   - time: when they were read (CLOCK_MONOTONIC).
    package mutating func introduce(
        _ mappings: MappingTable, running program: String, scannedAt time: UInt64,
        of sample: Sample, images: ImageTable
    ) {
        guard let copy = sample.stackCopy else { return }
        let image = mappings.mappings.lazy.compactMap { images[$0.image] }
            .first { $0.path == program }
        if let image, tables.entry(of: image, at: time) == nil { load(image, sample.tgid) }
        let (_, walked) = walk(copy, of: sample, through: mappings, images)
        counts.introduced += 1
        publish(walked, from: KnownProcess.Origin(mappings, scannedAt: time), sample)
    }

    /// Takes in the tables that were built meanwhile. Returns whether there were any.
    package mutating func placeTables() -> Bool {
        guard let results = loader?.takeResults(), !results.isEmpty else { return false }
        let now = Clock.monotonic
        for result in results {
            withRoom { tables, arena, makeRoom in
                tables.place(result, into: &arena, at: now, makeRoom: makeRoom)
            }
        }
        return true
    }

    /// A mapping appeared, and is looked at before its turn in the order of time. When it lies where
    /// readers believe another image, which they cannot tell from it by its mark, they must not go on
    /// believing it.
    package mutating func sawMapping(
        _ mapping: ReportedMapping, in tgid: UInt32, images: ImageTable
    ) {
        guard let published = known[tgid] else { return }
        let isContradicted = published.origin.mappings.mappings.contains { old in
            old.start < mapping.end && mapping.start < old.end && !published.hasMark(at: old.start)
                && (images[old.image] != mapping.image
                    || old.fileOffset(of: max(old.start, mapping.start)).value
                        != mapping.fileOffset.value
                        &+ (max(old.start, mapping.start).value &- mapping.start.value))
        }
        if isContradicted { forget(tgid) }
    }

    func hasMark(at start: ProcessAddress, in tgid: UInt32) -> Bool {
        known[tgid]?.hasMark(at: start) == true
    }

    /// These processes will not be sampled any more.
    package mutating func forget(_ processes: [ProcessID]) {
        for id in processes where known[id.tgid]?.origin.tracked?.id == id { forget(id.tgid) }
    }

    /// Gives back what nobody uses any more; call it every second or so.
    package mutating func keepHouse() {
        let old = Clock.monotonic - Self.introductionLife
        let stale = known.filter {
            $0.value.origin.tracked == nil && $0.value.origin.scanTime < old
        }
        for tgid in stale.keys { forget(tgid) }
        arena.reclaim()
        try? backing.commit()  // else the next process's mappings will
    }

    /// What was done so far, and what is held.
    package var counters: UnwindingCounters {
        var counters = counts
        counters.knownProcesses = known.count
        counters.arenaBytes = arena.byteCount
        counters.arenaLimit = arena.byteLimit
        tables.count(into: &counters)
        return counters
    }

    // MARK: Walking a copy

    private mutating func walk(
        _ copy: StackCopy, of sample: Sample, in process: TrackedProcess, _ images: ImageTable
    ) -> (StackWalk.Result, ProcessMappings?) {
        guard process.areMappingsKnown else {
            var result = walk(copy, sample, process: UInt32(NO_BLOCK))
            if !result.stop.isComplete { result.stop = .unknownProcess }
            return (result, nil)
        }
        let (result, mappings) = walk(copy, of: sample, through: process.mappings, images)
        return (result, mappings)
    }

    /// Walks a copy, and reads the tables it needs.
    private mutating func walk(
        _ copy: StackCopy, of sample: Sample, through table: MappingTable, _ images: ImageTable
    ) -> (StackWalk.Result, ProcessMappings) {
        var mappings = mappings(table, images)
        var result = walk(copy, mappings, sample)
        for _ in 0..<Self.tablesPerSample where result.stop == .tableUnread {
            // The table is that of the instruction before a return address.
            let frame = result.frames.last ?? 0
            let isReturnAddress = result.frames.count > 1 && frame & Sample.interruptedBit == 0
            let address = (frame & ~Sample.interruptedBit) &- (isReturnAddress ? 1 : 0)
            guard let id = mappings.unreadImage(at: address), let image = images[id],
                !tables.isLoading(image)
            else { break }
            load(image, sample.tgid)
            mappings = self.mappings(table, images)
            result = walk(copy, mappings, sample)
        }
        return (result, mappings)
    }

    private func walk(
        _ copy: StackCopy, _ mappings: ProcessMappings, _ sample: Sample
    ) -> StackWalk.Result {
        // Behind the block that NO_BLOCK would be.
        unsafe mappings.write(
            to: workspace + Int(BLOCK_ALIGNMENT), tgid: sample.tgid,
            startTime: sample.processStart, execID: sample.execID)
        let index = arena.segmentCountForWalks
        return walk(copy, sample, process: UInt32(index * Int(BLOCKS_PER_SEGMENT) + 1))
    }

    private func walk(_ copy: StackCopy, _ sample: Sample, process: UInt32) -> StackWalk.Result {
        var segments = unsafe arena.segmentPointers
        unsafe segments.append(workspace)
        return unsafe StackWalk.walk(
            copy, segments: segments, process: process, used: Self.used(sample.time),
            hash: sample.stackHash)
    }

    private static func used(_ time: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: time >> UInt64(USED_SHIFT))
    }

    // MARK: Tables and processes

    private func mappings(_ table: MappingTable, _ images: ImageTable) -> ProcessMappings {
        let now = Clock.monotonic
        return ProcessMappings(table) { id in
            images[id].flatMap { tables.entry(of: $0, at: now) }
        }
    }

    private mutating func load(_ image: MappedImage, _ tgid: UInt32) {
        let now = Clock.monotonic
        let loader = loader
        withRoom { tables, arena, makeRoom in
            tables.load(
                image, process: tgid, into: &arena, by: loader, at: now, makeRoom: makeRoom)
        }
    }

    /// Lends tables and arena, and a way to make room: by evicting tables, of which the processes that
    /// have them are forgotten first.
    private mutating func withRoom(
        _ body: (inout TableCache, inout UnwindArena, TableCache.MakeRoom) -> Void
    ) {
        let backing = backing
        let recent = Self.used(Clock.monotonic)
        var known = known
        body(&tables, &arena) { tables, arena, byteCount in
            // Some more than is missing: free space is in pieces.
            let missing = byteCount - (arena.byteLimit - arena.usedBytes) + byteCount / 8
            let directories = tables.oldest(
                holding: max(missing, byteCount / 8), sparing: recent - min(recent, Self.recency),
                in: arena)
            guard !directories.isEmpty else { return false }
            for (tgid, process) in known where !process.directories.isDisjoint(with: directories) {
                backing.removeProcess(tgid)
                arena.release(process.block)
                known[tgid] = nil
            }
            tables.evict(directories, from: &arena)
            arena.reclaim()
            return true
        }
        self.known = known
    }

    private mutating func publish(
        _ mappings: ProcessMappings, of process: TrackedProcess, _ sample: Sample,
        _ images: ImageTable
    ) {
        guard process.exitTime == nil else { return }
        guard let known = known[process.tgid], known.origin.scanTime > sample.time else {
            return publish(mappings, from: KnownProcess.Origin(process), sample)
        }
        // What the process maps is known better already; but a table may have come since.
        guard known.program == KnownProcess.Program(of: sample) else { return }
        let fresh = self.mappings(known.origin.mappings, images)
        guard fresh.unreadCount < ProcessMappings.unreadCount(known.entries) else { return }
        publish(fresh, from: known.origin, sample)
    }

    private mutating func publish(
        _ mappings: ProcessMappings, from origin: KnownProcess.Origin, _ sample: Sample
    ) {
        let tgid = sample.tgid
        let program = KnownProcess.Program(of: sample)
        var mappings = mappings
        if let old = known[tgid], old.program == program {
            mappings.add(alternatives: old.entries)
        }
        var room = arena.allocate(mappings.byteCount)
        if room == nil {
            arena.reclaim()
            room = arena.allocate(mappings.byteCount)
        }
        guard let block = room else {
            counts.refusedProcesses += 1
            return forget(tgid)
        }
        unsafe mappings.write(
            to: arena.contents(of: block), tgid: tgid, startTime: sample.processStart,
            execID: sample.execID)
        do {
            try backing.commit()
            try backing.setProcess(tgid, to: block.reference)
        } catch {
            counts.refusedProcesses += 1
            arena.discard(block)
            return forget(tgid)
        }
        if let old = known[tgid] { arena.release(old.block) }
        counts.published += 1
        known[tgid] = KnownProcess(
            program: program, origin: origin, block: block, entries: mappings.entries)
    }

    private mutating func forget(_ tgid: UInt32) {
        guard let process = known.removeValue(forKey: tgid) else { return }
        backing.removeProcess(tgid)
        arena.release(process.block)
    }
}
