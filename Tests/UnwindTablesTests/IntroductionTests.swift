import LinuxSystem
import ProcessTracking
import ProfileModel
import Testing

@testable import UnwindTables

/// A process made known ahead of its sample's turn.
@Suite struct IntroductionTests {
    private let backing = LocalBacking()
    private let process: TrackedProcess
    private let images: ImageTable
    private let sample: Sample

    init() throws {
        let sample = try #require(OwnStack.take()).sample
        var tracker = ProcessTracker(bootOffset: Clock.bootOffset)
        tracker.apply(try #require(ProcessScanner.scan(sample.tgid)))
        process = try #require(tracker.process(tgid: sample.tgid))
        images = tracker.images
        self.sample = sample
    }

    private func introduced(by time: UInt64, of sample: Sample) -> StackUnwinder {
        var unwinder = StackUnwinder(backing: backing, byteLimit: 64 << 20)
        unwinder.introduce(
            process.mappings, running: process.executable, scannedAt: time, of: sample,
            images: images)
        return unwinder
    }

    private func sample(at time: UInt64, execID: UInt64 = 1, isCopied: Bool = true) -> Sample {
        Sample(
            time: time, cpu: 0, tgid: sample.tgid, tid: sample.tid, processStart: 1,
            command: sample.command, cgroupID: 0, cgroup1ID: 0, execID: execID, stackHash: 7,
            kernelFrames: [], userFrames: [], kernelStop: .endOfStack, userStop: .unknownProcess,
            stackCopy: isCopied ? sample.stackCopy : nil)
    }

    @Test func `is known to BPF at once, its program's table read`() {
        let unwinder = introduced(by: 100, of: sample(at: 50))
        #expect(backing.processes[sample.tgid] != nil)
        let counters = unwinder.counters
        #expect(counters.introduced == 1 && counters.published == 1)
        #expect(counters.tables > 0)
    }

    @Test func `a sample older than it does not take back what was told`() {
        var unwinder = introduced(by: 100, of: sample(at: 50, execID: 2))
        let block = backing.processes[sample.tgid]
        // The same process before it became another program; its turn comes only now.
        for isCopied in [true, false] {
            var old = sample(at: 20, execID: 1, isCopied: isCopied)
            _ = unwinder.unwind(&old, in: process, images: images, isLast: true)
        }
        #expect(backing.processes[sample.tgid] == block)
        let counters = unwinder.counters
        #expect(counters.published == 1)
    }

    @Test func `a sample that saw the same confirms it, without telling BPF again`() {
        var unwinder = introduced(by: 100, of: sample(at: 50))
        var later = sample(at: 120, isCopied: false)
        _ = unwinder.unwind(&later, in: process, images: images, isLast: true)
        let counters = unwinder.counters
        #expect(counters.published == 1)
        unwinder.forget([process.id])
        #expect(backing.processes.isEmpty, "it is known by its id now")
    }

    @Test func `nobody who ends unconfirmed is kept`() {
        let long = Clock.monotonic - 60_000_000_000
        var unwinder = introduced(by: long, of: sample(at: long - 50))
        unwinder.forget([process.id])
        #expect(!backing.processes.isEmpty, "the id may be that of an earlier program")
        unwinder.keepHouse()
        #expect(backing.processes.isEmpty)
    }
}
