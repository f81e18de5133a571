import ProfileModel

extension ProcessTracker {
    /// Takes in what a record says.
    package mutating func apply(_ event: ProcessEvent) -> TrackerAction? {
        if case .lost(let count) = event.kind {
            counters.lostRecords = counters.lostRecords.addingSaturating(count)
            limiter.wantFullScan()
            return dueAction(at: event.time)
        }
        // The idle task has no life of its own, and −1 stands for a task that is already dead.
        guard event.tgid != 0, event.tgid <= Int32.max else { return nil }
        switch event.kind {
        case .mapped(let mapping): add(mapping, event)
        case .named(let name, byExec: true): becomeProgram(named: name, event)
        case .named(let name, byExec: false):
            if event.tid == event.tgid { table.update(event.tgid) { $0.command = name } }
        case .forked(let parent):
            if parent != event.tgid { fork(from: parent, event) }
        case .exited:
            // Other threads may still run: samples of theirs keep the process (ProcessTable).
            if event.tid == event.tgid, isAboutCurrent(event) {
                table.markExited(event.tgid, at: event.time)
            }
        case .lost: break
        }
        return nil
    }

    /// Whether a record can mean the process that we know by its number: it is not older than what
    /// /proc told of it, nor than the process itself, else it means whoever had the number before.
    private func isAboutCurrent(_ event: ProcessEvent) -> Bool {
        guard let process = table[event.tgid] else { return true }
        return event.time >= process.scanTime
            && process.start.earliest <= StartRange(before: bootTime(event.time)).latest
    }

    private mutating func fork(from parent: UInt32, _ event: ProcessEvent) {
        let start = StartRange(forkedAt: bootTime(event.time))
        if let known = table[event.tgid], known.start.earliest > start.latest { return }
        // A scan, or a sample that overtook the record, may have told us of this very process.
        let isKnown = table.update(event.tgid) { known in
            guard known.exitTime == nil, !known.sawFork, known.start.overlaps(start) else {
                return false
            }
            known.start = known.start.narrowed(by: start)
            known.sawFork = true
            known.parent = parent
            return true
        }
        guard isKnown != true || table[event.tgid]?.areMappingsKnown == false else { return }
        if isKnown == true {
            inheritMappings(from: parent, to: event.tgid)
            return
        }
        let serial = table.makeSerial()
        if let parent = table[parent] {
            let child = parent.forked(tgid: event.tgid, start: start, serial: serial)
            keep(child, at: event.time)
        } else {
            var child = TrackedProcess(tgid: event.tgid, start: start, serial: serial)
            child.parent = parent
            child.sawFork = true
            keep(child, at: event.time)
        }
        limiter.forget(event.tgid)
    }

    /// For a child whose sample came before its record.
    private mutating func inheritMappings(from parent: UInt32, to child: UInt32) {
        guard let parent = table[parent], parent.areMappingsKnown else { return }
        table.update(child) {
            $0.mappings = parent.mappings
            $0.areMappingsKnown = true
            $0.executable = parent.executable
            $0.isKernelThread = parent.isKernelThread
        }
    }

    /// exec: number and start stay, everything mapped goes. MMAP2 records of the new program follow.
    private mutating func becomeProgram(named name: CommandName, _ event: ProcessEvent) {
        ensureKnown(event)
        guard isAboutCurrent(event) else { return }
        beginGeneration(of: event.tgid)
        table.update(event.tgid) { process in
            process.command = name
            process.exitTime = nil  // The old leader ends when another thread calls exec.
            process.mappings = MappingTable()
            process.areMappingsKnown = true
            process.isKernelThread = false
            process.executable = ""
            process.awaitsExecutable = true
        }
        limiter.forget(event.tgid)
    }

    /// What the process was called before is outdated, if a sample ever carried it.
    mutating func beginGeneration(of tgid: UInt32) {
        guard let process = table[tgid] else { return }
        if process.lastSampleTime > 0 { outdated.append(process.id) }
        table.update(tgid) {
            $0.generation &+= 1
            $0.lastSampleTime = 0
        }
    }

    private mutating func add(_ mapping: ReportedMapping, _ event: ProcessEvent) {
        ensureKnown(event)
        guard isAboutCurrent(event) else { return }
        let image = images.intern(mapping.image)
        let limit = limits.mappingsPerProcess
        let wasKept = table.update(event.tgid) { process in
            guard process.mappings.mappings.count < limit else { return false }
            process.mappings.insert(
                Mapping(
                    start: mapping.start, end: mapping.end, fileOffset: mapping.fileOffset,
                    image: image))
            // The kernel maps the program before its interpreter, ld.so.
            if process.awaitsExecutable, mapping.image.path.hasPrefix("/"),
                !mapping.image.path.hasPrefix("//")
            {
                process.executable = mapping.image.path
                process.awaitsExecutable = false
            }
            return true
        }
        if wasKept == false { counters.refusedMappings &+= 1 }
    }

    /// A record may speak of a process whose FORK was lost, or older than our rings.
    private mutating func ensureKnown(_ event: ProcessEvent) {
        guard table[event.tgid] == nil else { return }
        let process = TrackedProcess(
            tgid: event.tgid, start: StartRange(before: bootTime(event.time)),
            serial: table.makeSerial())
        keep(process, at: event.time)
    }
}
