package import ProfileModel

extension ProcessTracker {
    /// Takes in what /proc said of one process.
    package mutating func apply(_ scan: ScannedProcess) {
        counters.scans &+= 1
        let start = StartRange(ticks: scan.startTicks)
        if let known = table[scan.tgid], known.start.earliest > start.latest { return }
        if table[scan.tgid].map({ $0.start.overlaps(start) }) != true {
            let serial = table.makeSerial()
            keep(TrackedProcess(tgid: scan.tgid, start: start, serial: serial), at: scan.time)
        }
        if let known = table[scan.tgid], known.areMappingsKnown, scan.time >= known.scanTime,
            Self.areDifferent(known.executable, scan.executable)
        {
            beginGeneration(of: scan.tgid)  // Its exec record was lost.
        }
        let mappings = scan.mappings.map { merged($0, tgid: scan.tgid) }
        table.update(scan.tgid) { process in
            process.start = process.start.narrowed(by: start)
            process.parent = scan.parent
            process.command = scan.command
            process.isKernelThread = scan.isKernelThread
            if scan.isKernelThread { process.areMappingsKnown = true }
            guard let mappings, scan.time >= process.scanTime else { return }
            if !scan.executable.isEmpty {
                process.executable = scan.executable
                process.awaitsExecutable = false
            }
            process.mappings = mappings
            process.areMappingsKnown = true
            process.scanTime = scan.time
        }
    }

    /// Whether two paths mean different programs. Not if the file has been removed meanwhile, nor if
    /// one path is told from a changed root directory, nor if one is unknown.
    private static func areDifferent(_ one: String, _ other: String) -> Bool {
        let one = withoutDeletedMark(one)
        let other = withoutDeletedMark(other)
        return !one.hasSuffix(other) && !other.hasSuffix(one)
    }

    private static func withoutDeletedMark(_ path: String) -> Substring {
        path.hasSuffix(" (deleted)") ? path.dropLast(10) : path[...]
    }

    /// Takes in what /proc said of all processes. Who is not listed has ended.
    package mutating func apply(_ scan: FullScan) {
        for process in scan.processes { apply(process) }
        let bootTime = bootTime(scan.time)
        let gone = table.current.values.filter {
            $0.exitTime == nil && $0.start.latest < bootTime && !scan.listed.contains($0.tgid)
        }
        for process in gone { table.markExited(process.tgid, at: scan.time) }
    }

    /// /proc knows nothing of a process that should have been scanned: it has ended.
    package mutating func sawNothing(of tgid: UInt32, at now: UInt64) {
        table.markExited(tgid, at: now)
    }

    /// What the process of a sample maps now, as /proc said; nothing that is tracked changes, for that is
    /// as of the last sample that had its turn. Nil when nobody can tell, or the number is another's.
    package mutating func mappings(in scan: ScannedProcess, of sample: Sample) -> MappingTable? {
        guard StartRange(ticks: scan.startTicks).contains(sample.processStart) else { return nil }
        counters.scans &+= 1
        return scan.mappings.map { merged($0, tgid: scan.tgid) }
    }

    /// The scanned mappings; an image keeps its number, also when its file has been removed meanwhile.
    private mutating func merged(_ scanned: [ReportedMapping], tgid: UInt32) -> MappingTable {
        let known = table[tgid]?.mappings ?? MappingTable()
        var merged = MappingTable()
        for mapping in scanned.prefix(limits.mappingsPerProcess) {
            var image: ImageTable.ImageID?
            if let old = known.mapping(containing: mapping.start),
                old.fileOffset(of: mapping.start) == mapping.fileOffset,
                let oldImage = images[old.image],
                oldImage.buildID != nil || oldImage.file == mapping.image.file,
                oldImage.path == Self.withoutDeletedMark(mapping.image.path)
            {
                image = old.image
            }
            merged.insert(
                Mapping(
                    start: mapping.start, end: mapping.end, fileOffset: mapping.fileOffset,
                    image: image ?? images.intern(mapping.image)))
        }
        counters.refusedMappings &+= UInt64(
            max(0, scanned.count - limits.mappingsPerProcess))
        return merged
    }
}
