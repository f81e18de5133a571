package import ProfileModel

extension ProcessTracker {
    /// Finds the process a sample was taken in. There always is one: a process nobody told us of
    /// is taken from the sample itself, its mappings unknown.
    ///
    /// The action, if any, is worth doing before the sample's addresses are resolved: scan, apply,
    /// and ask again. It comes seldom, however many samples there are.
    package mutating func process(
        of sample: Sample
    ) -> (process: TrackedProcess, action: TrackerAction?) {
        if sample.tgid == 0 { return (Self.idle(sample), nil) }
        let found = table.update(sample.tgid) { process -> TrackedProcess? in
            guard process.start.contains(sample.processStart) else { return nil }
            process.start = StartRange(exactly: sample.processStart)
            process.lastSampleTime = max(process.lastSampleTime, sample.time)
            return process
        }
        if let process = found ?? nil { return (process, rescan(process, at: sample.time)) }
        if let earlier = table.superseded(sample.tgid, startedAt: sample.processStart) {
            return (earlier, nil)
        }
        counters.unknownProcesses &+= 1
        var process = TrackedProcess(
            tgid: sample.tgid, start: StartRange(exactly: sample.processStart),
            serial: table.makeSerial())
        process.lastSampleTime = sample.time
        if sample.tid == sample.tgid { process.command = sample.command }
        if sample.userStop == .noUserStack {
            process.isKernelThread = true
            process.command = sample.command
        }
        // A late sample of a process long forgotten must not drive out who has its number now.
        if let current = table[sample.tgid], sample.processStart < current.start.earliest {
            return (process, nil)
        }
        keep(process, at: sample.time)
        return (process, rescan(process, at: sample.time))
    }

    /// An address of this process is in no mapping although its mappings are known: perhaps a
    /// record was lost. The composer says so once per sample at most.
    package mutating func sawUnmapped(in process: ProcessID, at now: UInt64) -> TrackerAction? {
        guard let known = table[process.tgid], known.id == process, !known.isKernelThread,
            known.exitTime == nil, limiter.mayScan(process.tgid, at: now)
        else { return nil }
        return .rescan(tgid: process.tgid)
    }

    private mutating func rescan(_ process: TrackedProcess, at now: UInt64) -> TrackerAction? {
        guard !process.areMappingsKnown, !process.isKernelThread, process.exitTime == nil,
            limiter.mayScan(process.tgid, at: now)
        else { return nil }
        return .rescan(tgid: process.tgid)
    }

    private static func idle(_ sample: Sample) -> TrackedProcess {
        var process = TrackedProcess(
            tgid: 0, start: StartRange(exactly: sample.processStart), serial: 0)
        process.command = sample.command
        process.isKernelThread = true
        process.areMappingsKnown = true
        return process
    }
}
