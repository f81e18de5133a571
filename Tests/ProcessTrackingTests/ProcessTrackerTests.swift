import ProfileModel
import Testing

@testable import ProcessTracking

private let second: UInt64 = 1_000_000_000

/// A tracker on a machine that has slept for an hour since boot.
private struct World {
    static let bootOffset = 3600 * second
    var tracker: ProcessTracker

    init(_ limits: ProcessTracker.Limits = .init()) {
        tracker = ProcessTracker(bootOffset: Self.bootOffset, limits: limits)
    }

    @discardableResult
    mutating func event(
        _ time: UInt64, _ tgid: UInt32, _ kind: ProcessEvent.Kind, tid: UInt32? = nil
    ) -> TrackerAction? {
        tracker.apply(ProcessEvent(time: time, tgid: tgid, tid: tid ?? tgid, kind: kind))
    }

    mutating func exec(_ time: UInt64, _ tgid: UInt32, _ name: String) {
        event(time, tgid, .named(CommandName(name), byExec: true))
        event(time + 1, tgid, .mapped(Self.mapping(0x1000, "/bin/\(name)")))
        event(time + 2, tgid, .mapped(Self.mapping(0x9000, "/lib/ld.so")))
    }

    mutating func sample(
        _ time: UInt64, _ tgid: UInt32, start: UInt64, tid: UInt32? = nil,
        stop: StopReason = .endOfStack
    ) -> (process: TrackedProcess, action: TrackerAction?) {
        tracker.process(
            of: Sample(
                time: time, cpu: 0, tgid: tgid, tid: tid ?? tgid, processStart: start,
                command: CommandName("sampled"), cgroupID: 0, cgroup1ID: 0, stackHash: 0,
                kernelFrames: [], userFrames: [], kernelStop: .endOfStack, userStop: stop))
    }

    func name(_ process: TrackedProcess, _ address: UInt64) -> String? {
        process.resolve(ProcessAddress(address)).flatMap { tracker.images[$0.image]?.path }
    }

    static func mapping(_ start: UInt64, _ path: String, buildID: UInt8? = 1) -> ReportedMapping {
        let image = MappedImage(path: path, buildID: buildID.flatMap { BuildID([$0]) })
        return ReportedMapping(
            start: ProcessAddress(start), end: ProcessAddress(start + 0x1000),
            fileOffset: FileOffset(0), image: image)
            ?? { preconditionFailure("the range is not empty") }()
    }

    static func scan(
        _ time: UInt64, _ tgid: UInt32, ticks: UInt64, _ mappings: [ReportedMapping]?,
        executable: String = "/bin/scanned", kernel: Bool = false
    ) -> ScannedProcess {
        ScannedProcess(
            time: time, tgid: tgid, parent: 1, command: CommandName("scanned"),
            executable: executable, isKernelThread: kernel, startTicks: ticks, mappings: mappings)
    }

    /// A process that forked at this monotonic time began, on the boot clock, a little before.
    static func start(_ forkTime: UInt64) -> UInt64 { forkTime + bootOffset - 30_000 }
}

@Suite struct ProcessTrackerTests {
    @Test func `a child has its parent's program until exec`() {
        var world = World()
        world.exec(1 * second, 10, "shell")
        world.event(2 * second, 11, .forked(parent: 10))
        let child = world.sample(2 * second + 5, 11, start: World.start(2 * second))
        #expect(child.action == nil)
        #expect(child.process.executable == "/bin/shell")
        #expect(child.process.parent == 10)
        #expect(world.name(child.process, 0x1800) == "/bin/shell")
        #expect(child.process.id.generation == 0)

        world.exec(3 * second, 11, "true")
        let program = world.sample(3 * second + 9, 11, start: World.start(2 * second)).process
        #expect(program.executable == "/bin/true")
        #expect(program.command.text == "true")
        #expect(program.id.start == child.process.id.start)
        #expect(program.id.generation == 1)
        #expect(world.name(program, 0x1800) == "/bin/true")
        #expect(world.name(program, 0x9fff) == "/lib/ld.so")
        #expect(program.resolve(ProcessAddress(0xa000)) == nil)
        // What was handed out before does not change.
        #expect(world.name(child.process, 0x1800) == "/bin/shell")
        #expect(world.tracker.process(tgid: 10)?.executable == "/bin/shell")
    }

    @Test func `an id that exec ends is told once, if a sample had it`() {
        var world = World()
        world.exec(1 * second, 10, "never-sampled")
        world.exec(2 * second, 10, "sampled")
        let id = world.sample(3 * second, 10, start: 5).process.id
        world.exec(4 * second, 10, "other")
        #expect(world.tracker.expire(at: 5 * second) == [id])
        #expect(world.tracker.expire(at: 5 * second) == [])
        #expect(world.sample(6 * second, 10, start: 5).process.id.generation == id.generation + 1)
    }

    @Test func `a clock offset that was read too small by a hair does no harm`() {
        var tracker = ProcessTracker(bootOffset: 0 &- 150)
        _ = tracker.apply(
            ProcessEvent(time: 1 * second, tgid: 10, tid: 10, kind: .forked(parent: 1)))
        #expect(tracker.process(tgid: 10)?.start.contains(1 * second - 30_000) == true)
    }

    @Test func `exec clears what the old program mapped`() {
        var world = World()
        world.exec(1 * second, 10, "old")
        world.event(1 * second + 5, 10, .mapped(World.mapping(0x5000, "/lib/plugin.so")))
        world.exec(2 * second, 10, "new")
        let process = world.sample(3 * second, 10, start: 5).process
        #expect(process.resolve(ProcessAddress(0x5000)) == nil)
    }

    @Test func `threads are not processes`() {
        var world = World()
        world.exec(1 * second, 10, "server")
        world.event(2 * second, 10, .forked(parent: 10), tid: 12)
        world.event(2 * second, 10, .named(CommandName("pool"), byExec: false), tid: 12)
        world.event(3 * second, 10, .exited, tid: 12)
        #expect(world.tracker.processCount == 1)
        let process = world.tracker.process(tgid: 10)
        #expect(process?.command.text == "server")
        #expect(process?.exitTime == nil)
        world.event(4 * second, 10, .named(CommandName("renamed"), byExec: false))
        #expect(world.tracker.process(tgid: 10)?.command.text == "renamed")
    }

    @Test func `a number that is used again means another process`() {
        var world = World()
        world.event(1 * second, 10, .forked(parent: 1))
        world.exec(1 * second + 10, 10, "first")
        let first = world.sample(2 * second, 10, start: World.start(1 * second)).process
        world.event(5 * second, 10, .exited)
        world.event(6 * second, 10, .forked(parent: 1))
        world.exec(6 * second + 10, 10, "second")
        let second_ = world.sample(7 * second, 10, start: World.start(6 * second)).process
        #expect(second_.executable == "/bin/second")
        #expect(second_.id != first.id)
        // A late sample of the first one still finds its own program.
        let late = world.sample(4 * second, 10, start: World.start(1 * second))
        #expect(late.process.executable == "/bin/first")
        #expect(late.process.id == first.id)
        #expect(late.action == nil)
        #expect(world.tracker.expire(at: 14 * second) == [])
        #expect(world.tracker.expire(at: 16 * second) == [first.id])
        #expect(world.tracker.processCount == 1)
        // Now it is unknown, but must not drive out the second one, nor be scanned for.
        let forgotten = world.sample(17 * second, 10, start: World.start(1 * second))
        #expect(!forgotten.process.areMappingsKnown)
        #expect(forgotten.action == nil)
        #expect(world.tracker.process(tgid: 10)?.executable == "/bin/second")
    }

    @Test func `a number is used again although no record told of the end`() {
        var world = World()
        world.event(1 * second, 10, .forked(parent: 1))
        world.exec(1 * second + 10, 10, "first")
        world.event(60 * second, 10, .forked(parent: 1))
        #expect(world.tracker.processCount == 2)
        let old = world.sample(59 * second, 10, start: World.start(1 * second)).process
        #expect(old.exitTime == 60 * second)
    }

    @Test func `an ended process is kept for late samples, then forgotten`() {
        var world = World()
        world.event(1 * second, 10, .forked(parent: 1))
        world.exec(1 * second + 10, 10, "short")
        world.event(2 * second, 10, .exited)
        let late = world.sample(2 * second - 1, 10, start: World.start(1 * second))
        #expect(world.name(late.process, 0x1000) == "/bin/short")
        #expect(world.tracker.expire(at: 11 * second) == [])
        #expect(world.tracker.expire(at: 13 * second).map(\.tgid) == [10])
        #expect(world.tracker.processCount == 0)
    }

    @Test func `threads that outlive their leader keep the process`() {
        var world = World()
        world.event(1 * second, 10, .forked(parent: 1))
        world.exec(1 * second + 10, 10, "daemon")
        world.event(2 * second, 10, .exited)
        for time in stride(from: 3 * second, to: 100 * second, by: Int(5 * second)) {
            let found = world.sample(time, 10, start: World.start(1 * second), tid: 12)
            #expect(found.process.executable == "/bin/daemon")
            #expect(world.tracker.expire(at: time) == [])
        }
        #expect(world.tracker.expire(at: 120 * second).count == 1)
    }

    @Test func `exec by a thread ends the leader, not the process`() {
        var world = World()
        world.exec(1 * second, 10, "old")
        world.event(2 * second, 10, .exited)
        world.exec(2 * second + 1, 10, "new")
        #expect(world.tracker.expire(at: 60 * second) == [])
        #expect(world.tracker.process(tgid: 10)?.executable == "/bin/new")
    }

    @Test func `a sample of an unknown process asks for a scan, ever more seldom`() {
        var world = World()
        var actions: [TrackerAction] = []
        for step in UInt64(0)..<300 {  // 3 s at 100 Hz
            let found = world.sample(step * 10_000_000, 10, start: 77)
            #expect(!found.process.areMappingsKnown)
            #expect(found.process.command.text == "sampled")
            if let action = found.action { actions.append(action) }
        }
        #expect(actions == Array(repeating: .rescan(tgid: 10), count: 5))
        #expect(world.tracker.counters.unknownProcesses == 1)

        world.tracker.apply(
            World.scan(3 * second, 10, ticks: 0, [World.mapping(0x1000, "/bin/x", buildID: nil)]))
        let found = world.sample(4 * second, 10, start: 77)
        #expect(found.action == nil)
        #expect(found.process.id == ProcessID(tgid: 10, start: 77, generation: 0))
        #expect(world.name(found.process, 0x1000) == "/bin/x")
    }

    @Test func `kernel threads need no mappings`() {
        var world = World()
        let found = world.sample(1 * second, 10, start: 77, stop: .noUserStack)
        #expect(found.action == nil)
        #expect(found.process.isKernelThread)
        world.tracker.apply(World.scan(0, 2, ticks: 0, nil, executable: "", kernel: true))
        world.event(2 * second, 20, .forked(parent: 2))
        #expect(world.tracker.process(tgid: 20)?.isKernelThread == true)
        world.exec(3 * second, 20, "modprobe")  // A helper the kernel starts becomes a program.
        #expect(world.tracker.process(tgid: 20)?.isKernelThread == false)
        #expect(world.sample(1, 0, start: 0).process.isKernelThread)
    }

    @Test func `proc's ticks of 10 ms match a sample's start within their tick only`() {
        var world = World()
        let tick: UInt64 = 10_000_000
        let mapping = World.mapping(0x1000, "/bin/x")
        for (tgid, offset) in [(UInt32(10), UInt64(0)), (11, 5_000_000), (12, tick - 1)] {
            world.tracker.apply(World.scan(1 * second, tgid, ticks: 123, [mapping]))
            let found = world.sample(2 * second, tgid, start: 123 * tick + offset)
            #expect(found.process.areMappingsKnown)
        }
        world.tracker.apply(World.scan(1 * second, 13, ticks: 123, [mapping]))
        #expect(!world.sample(2 * second, 13, start: 124 * tick).process.areMappingsKnown)
    }

    @Test func `what is older than a scan does not undo it`() {
        var world = World()
        world.tracker.apply(
            World.scan(5 * second, 10, ticks: 0, [World.mapping(0x1000, "/bin/now")]))
        world.event(4 * second, 10, .mapped(World.mapping(0x1000, "/bin/before")))
        world.event(4 * second, 10, .named(CommandName("before"), byExec: true))
        world.event(4 * second, 10, .exited)
        let process = world.sample(6 * second, 10, start: 3).process
        #expect(world.name(process, 0x1000) == "/bin/now")
        #expect(process.exitTime == nil)
        world.event(6 * second, 10, .mapped(World.mapping(0x1000, "/bin/after")))
        let after = world.sample(7 * second, 10, start: 3).process
        #expect(world.name(after, 0x1000) == "/bin/after")
    }

    @Test func `a scan may come before the record of the fork`() {
        var world = World()
        world.exec(1 * second, 1, "init")
        let forkTime = 5 * second
        let ticks = World.start(forkTime) / 10_000_000
        world.tracker.apply(
            World.scan(6 * second, 10, ticks: ticks, [World.mapping(0x1000, "/bin/now")]))
        world.event(forkTime, 10, .forked(parent: 1))
        #expect(world.tracker.processCount == 2)
        let found = world.sample(7 * second, 10, start: World.start(forkTime))
        #expect(world.name(found.process, 0x1000) == "/bin/now")
        // The number's former owner, whose record waited in the queue as well.
        world.event(1 * second, 10, .forked(parent: 1))
        #expect(world.tracker.processCount == 2)
    }

    @Test func `a scan keeps the build IDs that records told, and drops what is gone`() {
        var world = World()
        world.exec(1 * second, 10, "server")
        world.event(2 * second, 10, .mapped(World.mapping(0x5000, "/lib/gone.so")))
        let before = world.sample(2 * second + 1, 10, start: 5).process
        world.tracker.apply(
            World.scan(
                3 * second, 10, ticks: 0,
                [
                    World.mapping(0x1000, "/bin/server", buildID: nil),
                    World.mapping(0x9000, "/lib/other.so", buildID: nil),
                ], executable: "/bin/server"))
        let after = world.tracker.process(tgid: 10)
        let address = ProcessAddress(0x1000)
        #expect(after?.resolve(address)?.image == before.resolve(address)?.image)
        #expect(after.flatMap { world.name($0, 0x9000) } == "/lib/other.so")
        #expect(after?.resolve(ProcessAddress(0x5000)) == nil)
        #expect(after?.id == before.id)
    }

    @Test func `a program that was replaced on disk is still the same`() {
        var world = World()
        world.exec(1 * second, 10, "server")
        let before = world.sample(2 * second, 10, start: 5).process
        world.tracker.apply(
            World.scan(
                3 * second, 10, ticks: 0,
                [World.mapping(0x1000, "/bin/server (deleted)", buildID: nil)],
                executable: "/chroot/bin/server (deleted)"))
        let after = world.sample(4 * second, 10, start: 5).process
        #expect(after.id == before.id)
        let address = ProcessAddress(0x1000)
        #expect(after.resolve(address)?.image == before.resolve(address)?.image)
    }

    @Test func `a scan shows an exec whose record was lost`() {
        var world = World()
        world.exec(1 * second, 10, "old")
        let before = world.tracker.process(tgid: 10)?.id.generation
        world.tracker.apply(
            World.scan(
                3 * second, 10, ticks: 0, [World.mapping(0x1000, "/bin/new")],
                executable: "/bin/new"))
        let after = world.tracker.process(tgid: 10)
        #expect(after?.id.generation == before.map { $0 + 1 })
        #expect(after?.executable == "/bin/new")
    }

    @Test func `a full scan ends who is not listed, but not who began after it`() {
        var world = World()
        world.event(1 * second, 10, .forked(parent: 1))
        world.event(1 * second, 11, .forked(parent: 1))
        world.event(9 * second, 12, .forked(parent: 1))
        world.tracker.apply(FullScan(time: 5 * second, listed: [11], processes: []))
        #expect(world.tracker.process(tgid: 10)?.exitTime == 5 * second)
        #expect(world.tracker.process(tgid: 11)?.exitTime == nil)
        #expect(world.tracker.process(tgid: 12)?.exitTime == nil)
    }

    @Test func `loss asks for a full scan, not more often than allowed`() {
        var world = World()
        #expect(world.event(1 * second, 0, .lost(5)) == .rescanAll)
        #expect(world.event(1 * second + 1, 0, .lost(6)) == nil)
        #expect(world.tracker.counters.lostRecords == 11)
        #expect(world.tracker.dueAction(at: 1 * second + 2) == nil)
        #expect(world.tracker.dueAction(at: 2 * second + 2) == .rescanAll)
        #expect(world.tracker.dueAction(at: 90 * second) == nil)
    }

    @Test func `an address outside all mappings asks for a scan of that program only`() {
        var world = World()
        world.exec(1 * second, 10, "jit")
        let process = world.sample(2 * second, 10, start: 5).process
        #expect(process.resolve(ProcessAddress(0x50_0000)) == nil)
        #expect(world.tracker.sawUnmapped(in: process.id, at: 2 * second) == .rescan(tgid: 10))
        #expect(world.tracker.sawUnmapped(in: process.id, at: 2 * second + 1) == nil)
        world.exec(3 * second, 10, "other")
        #expect(world.tracker.sawUnmapped(in: process.id, at: 9 * second) == nil)
    }

    @Test func `what is kept is bounded`() {
        var limits = ProcessTracker.Limits()
        limits.processes = 100
        limits.mappingsPerProcess = 10
        var world = World(limits)
        for tgid in UInt32(1000)..<1080 {
            world.event(UInt64(tgid) * second, tgid, .forked(parent: 1))
            world.event(UInt64(tgid) * second + 1, tgid, .exited)
        }
        for tgid in UInt32(2000)..<2100 {
            world.event(UInt64(tgid) * second, tgid, .forked(parent: 1))
        }
        #expect(world.tracker.processCount == 100)
        #expect(world.tracker.counters.refusedProcesses == 0)
        world.event(3000 * second, 3000, .forked(parent: 1))
        #expect(world.tracker.processCount == 100)
        #expect(world.tracker.counters.refusedProcesses == 1)
        #expect(world.tracker.expire(at: 3000 * second).count == 80)
        for page in UInt64(0)..<20 {
            world.event(
                3001 * second, 2000, .mapped(World.mapping(page * 0x4000, "/lib/\(page).so")))
        }
        #expect(world.tracker.process(tgid: 2000)?.mappings.mappings.count == 10)
        #expect(world.tracker.counters.refusedMappings == 10)
    }

    @Test func `images that nobody maps any more go after two sweeps`() {
        var world = World()
        world.exec(1 * second, 10, "old")
        let image = world.tracker.process(tgid: 10)?.resolve(ProcessAddress(0x1000))?.image ?? -1
        world.exec(2 * second, 10, "new")
        _ = world.tracker.expire(at: 61 * second)
        #expect(world.tracker.images[image] != nil)
        _ = world.tracker.expire(at: 122 * second)
        #expect(world.tracker.images[image] == nil)
        #expect(world.tracker.images.count == 2)
    }

    @Test func `records that make no sense change nothing`() {
        var world = World()
        world.event(1, 0, .exited)
        world.event(1, .max, .forked(parent: 1))
        world.event(1, 5, .exited)
        #expect(world.tracker.processCount == 0)
    }
}
