import CSampleABI
import LinuxSystem
package import ProcessTracking
package import ProfileModel

/// Keeps BPF's unwinder supplied, and unwinds what it could not: the only way in which anything flows
/// against the stream of samples. Confined to one thread.
package struct StackUnwinder: ~Copyable {
    private var arena: UnwindArena
    private let backing: any ArenaBacking
    private var tables = TableCache()
    private var known: [UInt32: KnownProcess] = [:]
    /// Where the mappings of the process at hand are for a walk in user space.
    private let workspace: UnsafeMutableRawPointer
    private var counts = UnwindingCounters()

    /// Tables a single sample may cause to be read: a stack through more new images ends early, and the
    /// next sample goes on.
    private static let tablesPerSample = 64
    /// Tables used within this many units of 2^USED_SHIFT ns, about ten seconds, are not evicted.
    private static let recency: UInt32 = 10

    /// - Parameter byteLimit: what the arena may take of memory.
    package init(backing: any ArenaBacking, byteLimit: Int) {
        self.backing = backing
        arena = UnwindArena(backing: backing, byteLimit: byteLimit)
        unsafe workspace = .allocate(byteCount: UnwindArena.segmentBytes, alignment: 4096)
        unsafe workspace.initializeMemory(
            as: UInt8.self, repeating: 0, count: UnwindArena.segmentBytes)
    }

    deinit { unsafe workspace.deallocate() }

    /// Makes the sample's user stack whole, if BPF sent a copy, and lets BPF know the process as it is
    /// now. The process is the one the sample was taken in, at the sample's time.
    package mutating func unwind(
        _ sample: inout Sample, in process: TrackedProcess, images: ImageTable
    ) {
        if let copy = sample.stackCopy {
            let (result, mappings) = walk(copy, of: sample, in: process, images)
            counts.unwound += 1
            sample.setUserStack(result.frames, stop: result.stop, hash: result.hash)
            if let mappings { publish(mappings, of: process, sample) }
        } else if let published = known[process.tgid],
            published.mappingRevision != process.mappingRevision || published.id != process.id,
            process.areMappingsKnown
        {
            publish(mappings(of: process, images), of: process, sample)
        }
    }

    /// A mapping appeared, and is looked at before its turn in the order of time. When it lies where
    /// readers believe another image, they must not go on believing it.
    package mutating func sawMapping(
        _ mapping: ReportedMapping, in tgid: UInt32, images: ImageTable
    ) {
        guard let published = known[tgid] else { return }
        let isContradicted = published.mappings.mappings.contains { old in
            old.start < mapping.end && mapping.start < old.end
                && (images[old.image] != mapping.image
                    || old.fileOffset(of: max(old.start, mapping.start)).value
                        != mapping.fileOffset.value
                        &+ (max(old.start, mapping.start).value &- mapping.start.value))
        }
        if isContradicted { forget(tgid) }
    }

    /// These processes will not be sampled any more.
    package mutating func forget(_ processes: [ProcessID]) {
        for id in processes where known[id.tgid]?.id == id { forget(id.tgid) }
    }

    /// Gives back what nobody uses any more; call it every second or so.
    package mutating func keepHouse() { arena.reclaim() }

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
        var mappings = mappings(of: process, images)
        var result = walk(copy, mappings, sample, process)
        for _ in 0..<Self.tablesPerSample where result.stop == .tableUnread {
            // The table is that of the instruction before a return address.
            let address = (result.frames.last ?? 0) &- (result.frames.count > 1 ? 1 : 0)
            guard let id = mappings.unreadImage(at: address), let image = images[id] else { break }
            load(image, process.tgid)
            mappings = self.mappings(of: process, images)
            result = walk(copy, mappings, sample, process)
        }
        return (result, mappings)
    }

    private func walk(
        _ copy: StackCopy, _ mappings: ProcessMappings, _ sample: Sample, _ process: TrackedProcess
    ) -> StackWalk.Result {
        // Behind the block that NO_BLOCK would be.
        unsafe mappings.write(
            to: workspace + Int(BLOCK_ALIGNMENT), tgid: process.tgid,
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

    private func mappings(of process: TrackedProcess, _ images: ImageTable) -> ProcessMappings {
        let now = Clock.monotonic
        return ProcessMappings(process.mappings) { id in
            images[id].flatMap { tables.entry(of: $0, at: now) }
        }
    }

    private mutating func load(_ image: MappedImage, _ tgid: UInt32) {
        let now = Clock.monotonic
        var known = known
        let backing = backing
        tables.load(image, process: tgid, into: &arena, at: now) { tables, arena, byteCount in
            let directories = tables.oldest(
                holding: byteCount, sparing: Self.used(now) - min(Self.used(now), Self.recency),
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
        _ mappings: ProcessMappings, of process: TrackedProcess, _ sample: Sample
    ) {
        guard process.exitTime == nil else { return }
        var room = arena.allocate(mappings.byteCount)
        if room == nil {
            arena.reclaim()
            room = arena.allocate(mappings.byteCount)
        }
        guard let block = room else {
            counts.refusedProcesses += 1
            return forget(process.tgid)
        }
        unsafe mappings.write(
            to: arena.contents(of: block), tgid: process.tgid, startTime: sample.processStart,
            execID: sample.execID)
        do {
            try backing.setProcess(process.tgid, to: block.reference)
        } catch {
            counts.refusedProcesses += 1
            arena.discard(block)
            return forget(process.tgid)
        }
        if let old = known[process.tgid] { arena.release(old.block) }
        counts.published += 1
        known[process.tgid] = KnownProcess(
            id: process.id, execID: sample.execID, block: block, mappings: process.mappings,
            mappingRevision: process.mappingRevision, directories: mappings.directories)
    }

    private mutating func forget(_ tgid: UInt32) {
        guard let process = known.removeValue(forKey: tgid) else { return }
        backing.removeProcess(tgid)
        arena.release(process.block)
    }
}
