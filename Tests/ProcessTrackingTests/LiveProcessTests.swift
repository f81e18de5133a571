import Glibc
import LinuxSystem
import ProfileModel
import Testing

@testable import ProcessTracking

/// Everything the rings told between two points of a test, in order of time.
private struct Recorder: ~Copyable {
    var source: ProcessEventSource
    private var queue = TimeOrderedQueue<ProcessEvent>()

    init(dataPages: Int = 64, wakeupBytes: UInt32 = 256) throws {
        source = try ProcessEventSource(
            cpus: OnlineCPUs.current(), dataPages: dataPages, wakeupBytes: wakeupBytes)
    }

    mutating func events() throws -> [ProcessEvent] {
        var found: [ProcessEvent] = []
        try source.drain { found.append($0) }
        for event in found { queue.add(event, at: event.time) }
        return queue.release(upTo: .max)
    }
}

private func makeTracker() -> ProcessTracker {
    ProcessTracker(bootOffset: Clock.bootOffset)
}

/// Programs of this machine under this kernel, against /proc and readelf.
@Suite(.serialized, .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct LiveProcessTests {
    private static let spin = """
        #include <time.h>
        int main(void) {
            struct timespec a, b;
            clock_gettime(CLOCK_MONOTONIC, &a);
            do clock_gettime(CLOCK_MONOTONIC, &b);
            while ((b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec < 50000000L);
            return 0;
        }
        """

    @Test func `a program that lives 50 ms is known from fork to exit, with its files`() throws {
        let program = try CompiledProgram(Self.spin, name: "spin")
        var recorder = try Recorder()
        let before = Clock.monotonic
        let child = try ChildProcess([program.path])
        child.wait()
        let events = try recorder.events().filter { $0.tgid == child.tgid }
        var order: [String] = []
        var images: [MappedImage] = []
        for event in events {
            #expect((before...Clock.monotonic).contains(event.time))
            switch event.kind {
            case .forked(let parent):
                #expect(parent == UInt32(getpid()))
                order.append("fork")
            case .named(let name, byExec: true):
                #expect(program.path.contains("/" + name.text))
                order.append("exec")
            case .mapped(let mapping):
                images.append(mapping.image)
                if order.last != "map" { order.append("map") }
            case .exited: order.append("exit")
            default: break
            }
        }
        #expect(order == ["fork", "exec", "map", "exit"])
        #expect(images.first?.path == program.path)
        #expect(images.contains { $0.path == "[vdso]" })
        let files = images.filter { $0.path.hasPrefix("/") && $0.path != "//anon" }
        #expect(files.contains { $0.name.hasPrefix("libc.so") })
        for image in files {
            #expect(image.file != nil)
            #expect(image.file == fileIdentity(image.path), "\(image.path)")
        }
    }

    @Test func `no short-lived program is missed`() throws {
        var recorder = try Recorder()
        var children: Set<UInt32> = []
        for _ in 0..<100 {
            let child = try ChildProcess(["/bin/true"])
            child.wait()
            children.insert(child.tgid)
        }
        let events = try recorder.events()
        for kind in ["forked", "named", "mapped", "exited"] {
            let seen = events.filter { String(describing: $0.kind).hasPrefix(kind) }.map(\.tgid)
            #expect(children.isSubset(of: seen), "\(kind)")
        }
        #expect(recorder.source.counters.lost == 0)
        #expect(recorder.source.counters.undecodable == 0)
    }

    @Test func `the reader is woken while a program that has just started still runs`() throws {
        let recorder = try Recorder()
        let poll = try EventPoll()
        for descriptor in recorder.source.pollDescriptors { try poll.add(descriptor) }
        let start = Clock.monotonic
        let child = try ChildProcess(["sleep", "10"])
        poll.wait(milliseconds: 5000)
        #expect(Clock.monotonic - start < 1_000_000_000)
        _ = child
    }

    @Test func `a small ring wraps without a bad record, and an overrun one says what it lost`()
        throws
    {
        var drained = try Recorder(dataPages: 1)
        for _ in 0..<60 {
            try ChildProcess(["/bin/true"]).wait()
            _ = try drained.events()
        }
        #expect(drained.source.counters.undecodable == 0)
        #expect(drained.source.counters.records > 300)

        var overrun = try Recorder(dataPages: 1)
        for _ in 0..<60 { try ChildProcess(["/bin/true"]).wait() }
        var tracker = makeTracker()
        let actions = try overrun.events().compactMap { tracker.apply($0) }
        #expect(actions == [.rescanAll])
        #expect(overrun.source.counters.lost > 0)
        #expect(tracker.counters.lostRecords == overrun.source.counters.lost)
        #expect(overrun.source.counters.undecodable == 0)
    }

    @Test func `what records say a program maps is what proc says`() throws {
        let program = try CompiledProgram(
            """
            #include <dlfcn.h>
            #include <pthread.h>
            #include <stdio.h>
            #include <unistd.h>
            static void *wait_for_ever(void *x) { pause(); return x; }
            int main(void) {
                pthread_t thread;
                void *first = dlopen("libz.so.1", RTLD_NOW);
                pthread_create(&thread, 0, wait_for_ever, 0);
                printf("%d\\n", first && dlopen("libm.so.6", RTLD_NOW));
                fflush(stdout);
                pause();
            }
            """, name: "dlopen", flags: ["-ldl", "-lpthread"])
        var recorder = try Recorder()
        let python = """
            import ctypes, sqlite3, sys, time
            print(1, flush=True)
            time.sleep(60)
            """
        let children = [
            try ChildProcess([program.path]), try ChildProcess(["python3", "-c", python]),
        ]
        for child in children { #expect(child.readLine() == "1") }
        var tracker = makeTracker()
        for event in try recorder.events() { _ = tracker.apply(event) }
        for child in children {
            let process = try #require(tracker.process(tgid: child.tgid))
            try expectSameMappings(process, tracker.images)
            let executable = try ProcessFiles(tgid: child.tgid).executable()
            #expect(process.executable == executable)
            #expect(process.areMappingsKnown)
            #expect(process.parent == UInt32(getpid()))
            let status = try ProcessFiles(tgid: child.tgid).status()
            #expect(process.start.overlaps(StartRange(ticks: status.startTicks)))
            for mapping in process.mappings.mappings {
                let image = try #require(tracker.images[mapping.image])
                guard image.path.hasPrefix("/"), !image.path.hasPrefix("//") else { continue }
                #expect(image.file == fileIdentity(image.path), "\(image.path)")
            }
            // A scan keeps what only records know.
            let scan = try #require(ProcessScanner.scan(child.tgid))
            let generation = process.id.generation
            tracker.apply(scan)
            let rescanned = try #require(tracker.process(tgid: child.tgid))
            #expect(rescanned.id.generation == generation)
            for mapping in process.mappings.mappings {
                #expect(
                    rescanned.mappings.mapping(containing: mapping.start)?.image == mapping.image)
            }
        }
        // A thread is no process.
        let threads = tracker.processes.filter { $0.command.text.hasPrefix("hearth-dlopen") }
        #expect(threads.count == 1)
    }

    @Test func `what a scan says every process maps is what proc says`() throws {
        var tracker = makeTracker()
        let scan = try ProcessScanner.scanAll()
        tracker.apply(scan)
        #expect(tracker.processCount == scan.processes.count)
        #expect(tracker.process(tgid: 2)?.isKernelThread ?? true)
        let own = try #require(tracker.process(tgid: UInt32(getpid())))
        try expectSameMappings(own, tracker.images)
        #expect(own.executable == (try ProcessFiles(tgid: own.tgid).executable()))
    }

    @Test func `records on top of a scan know every running process as proc does`() throws {
        var recorder = try Recorder(dataPages: 256)
        var tracker = makeTracker()
        tracker.apply(try ProcessScanner.scanAll())
        var children: [ChildProcess] = []
        for index in 0..<40 {
            let command = index % 2 == 0 ? "/bin/true" : "sleep 20 & echo; wait"
            children.append(try ChildProcess(["sh", "-c", command]))
        }
        for (index, child) in children.enumerated() {
            if index % 2 == 0 { child.wait() } else { _ = child.readLine() }
        }
        usleep(50_000)
        func listing() throws -> [UInt32: MemoryMapsFile] {
            var found: [UInt32: MemoryMapsFile] = [:]
            for tgid in try ProcessFiles.all() {
                found[tgid] = try? ProcessFiles(tgid: tgid).memoryMaps(executableOnly: true)
            }
            return found
        }
        let before = try listing()
        for event in try recorder.events() { _ = tracker.apply(event) }
        let after = try listing()
        var compared = 0
        // Others work on this machine too: what changes meanwhile proves nothing.
        // What has ended but was not waited for has no maps left, before and after.
        for (tgid, maps) in before where after[tgid] == maps && !maps.entries.isEmpty {
            let process = try #require(tracker.process(tgid: tgid), "process \(tgid)")
            #expect(process.exitTime == nil)
            for mapping in maps.entries.compactMap({ ReportedMapping($0) }) {
                let found = process.resolve(mapping.start)
                let path = found.flatMap { tracker.images[$0.image]?.path }
                #expect(path == mapping.image.path, "process \(tgid) \(process.executable)")
            }
            compared += 1
        }
        #expect(compared >= 40)
        #expect(recorder.source.counters.lost == 0)
        for (index, child) in children.enumerated() where index % 2 == 0 {
            #expect(tracker.process(tgid: child.tgid)?.exitTime != nil)
        }
        for (tgid, process) in tracker.table.current where process.parent != UInt32(getpid()) {
            // The sleepers that the shells leave behind.
            if children.contains(where: { $0.tgid == process.parent }) {
                kill(pid_t(tgid), SIGKILL)
            }
        }
    }

    @Test func `exec keeps the number and starts a generation`() throws {
        var recorder = try Recorder()
        let child = try ChildProcess(["sh", "-c", "echo; exec sleep 60"])
        _ = child.readLine()
        while try !ProcessFiles(tgid: child.tgid).executable().hasSuffix("sleep") { usleep(1000) }
        usleep(20_000)
        var tracker = makeTracker()
        for event in try recorder.events() { _ = tracker.apply(event) }
        let process = try #require(tracker.process(tgid: child.tgid))
        #expect(process.id.generation == 2)  // sh, then sleep
        #expect(process.command.text == "sleep")
        try expectSameMappings(process, tracker.images)
    }

    @Test func `rings follow the CPUs that are online`() throws {
        let cpus = try OnlineCPUs.current()
        var recorder = try Recorder()
        var lost: [ProcessEvent.Kind] = []
        #expect(recorder.source.pollDescriptors.count == cpus.count)
        #expect(try !recorder.source.reopen(cpus: cpus) { lost.append($0.kind) })
        #expect(try recorder.source.reopen(cpus: [cpus[0]]) { _ in })
        #expect(recorder.source.pollDescriptors.count == 1)
        lost = []
        if cpus.count > 1 {
            #expect(try recorder.source.reopen(cpus: cpus) { lost.append($0.kind) })
            #expect(lost.contains(.lost(0)))
        }
        #expect(recorder.source.pollDescriptors.count == cpus.count)
        #expect(try !recorder.source.reopen(cpus: cpus) { _ in })
    }

    /// Every executable line of /proc/PID/maps resolves at both ends, and nothing else is known.
    private func expectSameMappings(_ process: TrackedProcess, _ images: ImageTable) throws {
        var expected = MappingTable()
        for entry in try ProcessFiles(tgid: process.tgid).memoryMaps(executableOnly: true).entries {
            guard let mapping = ReportedMapping(entry) else { continue }
            for address in [entry.start, ProcessAddress(entry.end.value - 1)] {
                let found = process.resolve(address)
                let image = found.flatMap { images[$0.image] }
                #expect(image?.path == mapping.image.path, "\(entry)")
                let offset = address.value - mapping.start.value + mapping.fileOffset.value
                #expect(found?.fileOffset.value == offset, "\(entry)")
            }
            expected.insert(
                Mapping(
                    start: mapping.start, end: mapping.end, fileOffset: mapping.fileOffset,
                    image: process.resolve(mapping.start)?.image ?? -1))
        }
        #expect(process.mappings == expected)
    }
}
