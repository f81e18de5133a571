import Aggregation
import Foundation
import Identity
import LinuxSystem
import ProcessTracking
import ProfileModel
import Sampling
import UnwindTables

/// Where samples become windows: drains the kernel's rings, merges process records and samples in
/// order of time, ties addresses to images, and counts. Confined to the thread that calls `run`.
final class SamplingLoop {
    private(set) var sampler: OnCPUSampler
    private(set) var source: ProcessEventSource
    private(set) var tracker: ProcessTracker
    private(set) var stacks: StackUnwinder
    /// How well each process is profiled; forgotten together with the process.
    private(set) var health: [ProcessID: ProcessHealth] = [:]
    let ledger: SampleLedger
    let control: LoopControl
    let period: Int64

    /// What the rings hold; `handle` makes one order of both.
    private var events = TimeOrderedQueue<ProcessEvent>()
    private var samples = TimeOrderedQueue<Sample>()
    /// Samples that wait for an unwind table, in order of time, and the processes they were taken in.
    private var waiting: [(sample: Sample, process: TrackedProcess)] = []
    private var waitingBytes = 0
    private let loader: TableLoader
    private var cgroups: CGroupFilesystem
    /// By index alone: whoever iterates over their values or keys holds on to them, and a change then
    /// copies all that was ever collected.
    private var collectors: [(number: Int, collector: Collector)] = []
    private var nextCollector = 0
    private var poll = try? EventPoll()
    private let rest: EventPoll
    private var nextHousekeeping: UInt64 = 0
    /// Whether the last drain brought a stack that BPF could not unwind.
    private var hasNewProcess = false
    private var newcomers = Newcomers()
    private var pace = RoundPace()

    /// How long the rings are left alone at most, unless one fills up, milliseconds.
    private static let longestWait: Int32 = 100
    /// How long when samples wait to be unwound here: until their turn comes.
    private static let mergeWait: Int32 = 20
    /// How far the merge stays behind the clock: a record is written within microseconds of its
    /// time stamp, but its CPU can be taken away in between.
    private static let mergeDelay: UInt64 = 20_000_000
    private static let housekeepingInterval: UInt64 = 1_000_000_000
    /// What the stack copies of samples that wait for a table may take. A compiler's table takes up to
    /// a second on a busy machine.
    private static let waitingByteLimit = 12 << 20

    /// Opens everything and starts sampling. Records come first, then the scan of what already
    /// runs, then the clocks: so nothing that is sampled falls between.
    init(_ sampling: SamplingConfiguration, control: LoopControl, ledger: SampleLedger) throws {
        let cpus = try OnlineCPUs.current()
        source = try ProcessEventSource(cpus: cpus)
        tracker = ProcessTracker(bootOffset: Clock.bootOffset)
        tracker.apply(try ProcessScanner.scanAll())
        cgroups = CGroupFilesystem(mounts: try CGroupMounts.current())
        cgroups.learnAll()
        loader = try TableLoader(whenDone: control.wakeup)
        rest = try EventPoll()
        try rest.add(control.wakeup.pollDescriptor)
        self.control = control
        self.ledger = ledger
        period = sampling.period
        sampler = try OnCPUSampler.start(sampling)
        stacks = StackUnwinder(
            backing: KernelBacking(
                segments: try sampler.segments, processes: try sampler.processes),
            byteLimit: sampling.unwindBytes, loader: loader)
        prepareTables()
        try watch()
    }

    /// What this process maps, nearly every one does: the C library, the loader, the vDSO.
    private func prepareTables() {
        let own = UInt32(ProcessInfo.processInfo.processIdentifier)
        guard let process = tracker.process(tgid: own) else { return }
        let images = process.mappings.mappings.compactMap { tracker.images[$0.image] }
        stacks.prepare(images.filter { $0.path != process.executable }, process: own)
    }

    /// Rounds until somebody stops it. However it ends, every collector hands over what it has, and
    /// whoever waits for more is told.
    func run() throws {
        let loader = loader
        ThreadPriority.raise()
        let builder = Thread {
            ThreadPriority.raise()
            loader.run()
        }
        builder.name = "unwind-tables"
        builder.start()
        defer {
            countWaiting(before: .max, isLast: true)
            while let last = collectors.last { end(last.number) }
            loader.stop()
            control.finish()
        }
        while !control.isStopping {
            let pause = pace.wait(at: Clock.monotonic)
            if pause > 0 { rest.wait(milliseconds: Int32(pause / 1_000_000) + 1) }
            poll?.wait(milliseconds: hasNewProcess ? Self.mergeWait : Self.longestWait)
            try round(upTo: Clock.monotonic - Self.mergeDelay)
        }
        try sampler.follow([])
        try round(upTo: Clock.monotonic)
    }

    /// Begins collecting; returns the number by which `end` knows the collector.
    func add(_ collector: Collector) -> Int {
        nextCollector += 1
        collectors.append((nextCollector, collector))
        return nextCollector
    }

    /// Ends a collector, which hands over what it has; one that has ended already stays so.
    func end(_ number: Int) {
        guard let index = collectors.firstIndex(where: { $0.number == number }) else { return }
        finishWindow(at: index)
        guard collectors.indices.contains(index), collectors[index].number == number else { return }
        collectors.remove(at: index).collector.whenOver()
    }

    /// Every known process, with its cgroups as far as samples told them.
    func snapshots() -> [ProcessSnapshot] {
        tracker.processes.map { process in
            let health = health[process.id]
            return ProcessSnapshot(
                process: process, health: health,
                cgroupPaths: health.map {
                    cgroups.paths(unifiedID: $0.cgroupID, legacyID: $0.cgroup1ID)
                },
                images: health == nil
                    ? []
                    : Set(process.mappings.mappings.map(\.image)).sorted()
                        .compactMap { tracker.images[$0] })
        }
    }

    // MARK: One round

    private func round(upTo cutoff: UInt64) throws {
        pace.beginRound()
        control.answer(with: self)
        try drain()
        // A window's end may lie inside this round: what comes after it belongs to the next window.
        while let index = firstToEnd(), case let end = collectors[index].collector.end,
            end <= cutoff
        {
            handle(upTo: end - 1)
            countWaiting(before: end, isLast: true)
            finishWindow(at: index)
        }
        if stacks.placeTables() { countWaiting(before: .max, isLast: false) }
        handle(upTo: cutoff)
        let now = Clock.monotonic
        if let action = tracker.dueAction(at: now) { perform(action) }
        if now >= nextHousekeeping { try keepHouse(at: now) }
    }

    /// Takes in what happened up to `cutoff`, oldest first. What happened to a process comes before a sample of
    /// the same nanosecond.
    private func handle(upTo cutoff: UInt64) {
        var due = events.release(upTo: cutoff)[...]
        for sample in samples.release(upTo: cutoff) {
            while let event = due.first, event.time <= sample.time { apply(due.removeFirst()) }
            count(sample)
        }
        for event in due { apply(event) }
    }

    private func firstToEnd() -> Int? {
        collectors.indices.min { collectors[$0].collector.end < collectors[$1].collector.end }
    }

    private func finishWindow(at index: Int) {
        let goesOn = collectors[index].collector.finishWindow(
            monotonic: Clock.monotonic, real: Clock.real)
        if !goesOn { collectors.remove(at: index).collector.whenOver() }
    }

    private func drain() throws {
        try source.drain { event in
            if case .mapped(let mapping) = event.kind {
                stacks.sawMapping(mapping, in: event.tgid, images: tracker.images)
            }
            for index in collectors.indices { collectors[index].collector.observe(event) }
            events.add(event, at: event.time)
        }
        let now = Clock.monotonic
        var received: UInt64 = 0
        hasNewProcess = false
        let undecoded = try sampler.drain { sample in
            received += 1
            if sample.stackCopy != nil { hasNewProcess = true }
            if sample.stackCopy?.isUrgent == true,
                collectors.contains(where: { $0.collector.mayWant(sample) })
            {
                newcomers.add(sample, at: now)
            }
            samples.add(sample, at: sample.time)
        }
        ledger.receive(received + UInt64(undecoded))
        ledger.drop(UInt64(undecoded), .decode)
        introduceNewcomers()
    }

    /// Makes processes known to BPF as they are now, before the samples that asked for it have their
    /// turn: else every sample of the next 20 ms would be a copy, too.
    private func introduceNewcomers() {
        for sample in newcomers.samples {
            guard let scan = ProcessScanner.scan(sample.tgid),
                let mappings = tracker.mappings(in: scan, of: sample)
            else { continue }
            stacks.introduce(
                mappings, running: scan.executable, scannedAt: scan.time, of: sample,
                images: tracker.images)
        }
        newcomers.removeAll()
    }

    private func apply(_ event: ProcessEvent) {
        if let action = tracker.apply(event) { perform(action) }
        for index in collectors.indices { collectors[index].collector.observe(event) }
    }

    private func count(_ sample: Sample) {
        var (process, action) = tracker.process(of: sample)
        if let action {
            perform(action)
            process = tracker.process(of: sample).process
        }
        guard isWanted(sample, process) else { return }
        count(sample, in: process, isLast: waitingBytes >= Self.waitingByteLimit)
    }

    /// Whether anybody collects it. `hearth record -p` must not read every program's unwind tables.
    private func isWanted(_ sample: Sample, _ process: TrackedProcess) -> Bool {
        collectors.indices.contains {
            collectors[$0].collector.wants(sample, process: process, cgroups: &cgroups)
        }
    }

    private func count(_ sample: Sample, in process: TrackedProcess, isLast: Bool) {
        var sample = sample
        guard stacks.unwind(&sample, in: process, images: tracker.images, isLast: isLast) else {
            waitingBytes += sample.stackCopy?.bytes.count ?? 0
            return waiting.append((sample, process))
        }
        health[process.id, default: ProcessHealth()].count(sample)
        let owner = WindowAggregator.Owner(process)
        for index in collectors.indices {
            collectors[index].collector.add(
                sample, process: process, owner: owner, cgroups: &cgroups, images: tracker.images
            ) { frames(of: sample, in: process) }
        }
    }

    /// Counts samples older than `end` whose tables may be there by now; with `isLast` as they are.
    private func countWaiting(before end: UInt64, isLast: Bool) {
        guard !waiting.isEmpty else { return }
        let ready = waiting.filter { $0.sample.time < end }
        waiting.removeAll { $0.sample.time < end }
        waitingBytes = waiting.reduce(0) { $0 + ($1.sample.stackCopy?.bytes.count ?? 0) }
        for (sample, process) in ready { count(sample, in: process, isLast: isLast) }
    }

    private func frames(of sample: Sample, in process: TrackedProcess) -> [FrameReference] {
        var isUnmapped = false
        let images = tracker.images
        let frames = sample.references { address in
            guard let place = process.resolve(address), images.contains(place.image) else {
                isUnmapped = true
                return nil
            }
            return (place.image, place.fileOffset)
        }
        if isUnmapped, let action = tracker.sawUnmapped(in: process.id, at: sample.time) {
            perform(action)  // for the next sample: this one may be older than what is mapped now
        }
        return frames
    }

    private func perform(_ action: TrackerAction) {
        switch action {
        case .rescan(let tgid):
            if let found = ProcessScanner.scan(tgid) {
                tracker.apply(found)
            } else {
                tracker.sawNothing(of: tgid, at: Clock.monotonic)
            }
        case .rescanAll:
            if let found = try? ProcessScanner.scanAll() { tracker.apply(found) }
        }
    }

    // MARK: Housekeeping

    private func keepHouse(at now: UInt64) throws {
        nextHousekeeping = now + Self.housekeepingInterval
        tracker.bootOffset = Clock.bootOffset
        let expired = tracker.expire(at: now)
        for id in expired { health[id] = nil }
        stacks.forget(expired)
        newcomers.keepHouse(at: now)
        stacks.keepHouse()
        do {
            try followCPUs()
        } catch let error as SystemCallError where error.isShortage {
            // Too few descriptors or too little memory: the next round may find more.
        }
    }

    private func followCPUs() throws {
        let online = try OnlineCPUs.current()
        let recordsChanged = try source.reopen(cpus: online) {
            events.add($0, at: $0.time)
        }
        try sampler.follow(online)
        if recordsChanged { try watch() }
    }

    /// Watches the rings and the control anew; descriptors that were closed left by themselves.
    private func watch() throws {
        let fresh = try EventPoll()
        try fresh.add(sampler.pollDescriptor)
        try fresh.add(control.wakeup.pollDescriptor)
        for descriptor in source.pollDescriptors { try fresh.add(descriptor) }
        poll = consume fresh
    }
}
