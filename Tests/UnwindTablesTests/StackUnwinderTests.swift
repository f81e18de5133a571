import CSampleABI
import Glibc
import LinuxSystem
import ProcessTracking
import ProfileModel
import Testing

@testable import UnwindTables

/// This process's own stack, as BPF would send it.
struct OwnStack {
    let sample: Sample
    /// What the C library's unwinder says, from the same place.
    let callers: [UInt64]

    /// `getcontext(3)`, which Swift does not import, for it could return twice.
    private typealias SaveContext = @convention(c) (UnsafeMutablePointer<ucontext_t>) -> Int32

    /// The registers and the stack of this moment.
    @inline(never)
    static func take() -> OwnStack? {
        var context = ucontext_t()
        guard let symbol = dlsym(nil, "getcontext") else { return nil }
        let save = unsafeBitCast(symbol, to: SaveContext.self)
        guard save(&context) == 0 else { return nil }
        var frames = [UnsafeMutableRawPointer?](repeating: nil, count: 256)
        let found = frames.withUnsafeMutableBufferPointer {
            backtraceOf($0.baseAddress, Int32($0.count))
        }
        return withUnsafeBytes(of: &context) { bytes in
            let words = bytes.bindMemory(to: UInt64.self)[5...]
            // r8 … r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip (sys/ucontext.h)
            let numbers = [8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, 16]
            var registers = [UInt64](repeating: 0, count: 17)
            for (index, number) in numbers.enumerated() { registers[number] = words[5 + index] }
            let start = registers[7] - 16
            let length = min(Int(MAX_STACK_COPY), Int(stackEnd(around: start) - start))
            let stack = UnsafeRawBufferPointer(
                start: UnsafeRawPointer(bitPattern: UInt(start)), count: length)
            let sample = Sample(
                time: Clock.monotonic, cpu: 0, tgid: UInt32(getpid()), tid: UInt32(getpid()),
                processStart: 1, command: CommandName("test"), cgroupID: 0, cgroup1ID: 0,
                execID: 1, stackHash: 7, kernelFrames: [], userFrames: [], kernelStop: .endOfStack,
                userStop: .unknownProcess,
                stackCopy: StackCopy(
                    registers: registers, start: ProcessAddress(start), bytes: [UInt8](stack)))
            let callers = frames.prefix(Int(found)).map { UInt64(UInt(bitPattern: $0)) }
            return OwnStack(sample: sample, callers: Array(callers))
        }
    }

    private static func backtraceOf(
        _ frames: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ count: Int32
    ) -> Int32 {
        typealias Backtrace =
            @convention(c) (UnsafeMutablePointer<UnsafeMutableRawPointer?>?, Int32) -> Int32
        guard let symbol = dlsym(nil, "backtrace") else { return 0 }
        return unsafeBitCast(symbol, to: Backtrace.self)(frames, count)
    }

    private static func stackEnd(around address: UInt64) -> UInt64 {
        let maps = (try? OwnedDescriptor.contents(of: "/proc/self/maps")) ?? []
        for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
            let ends = line.prefix { $0 != " " }.split(separator: "-")
                .compactMap { UInt64($0, radix: 16) }
            if ends.count == 2, ends[0] <= address, address < ends[1] { return ends[1] }
        }
        return address
    }
}

@Suite struct StackUnwinderTests {
    private func ownProcess() throws -> (TrackedProcess, ImageTable) {
        var tracker = ProcessTracker(bootOffset: Clock.bootOffset)
        tracker.apply(try #require(ProcessScanner.scan(UInt32(getpid()))))
        return (try #require(tracker.process(tgid: UInt32(getpid()))), tracker.images)
    }

    /// The frames both have: this function's caller, its caller, and so on.
    private func expectSame(_ frames: [UInt64], _ callers: [UInt64]) {
        let common = callers.drop { !frames.contains($0) }
        #expect(common.count > 5, "the C library found \(callers.count) frames")
        let start = frames.firstIndex { $0 == common.first } ?? frames.endIndex
        #expect(Array(frames[start...].prefix(common.count)) == Array(common))
    }

    @Test func `a copy is unwound as the C library unwinds the stack itself`() throws {
        let (process, images) = try ownProcess()
        let backing = LocalBacking()
        var unwinder = StackUnwinder(backing: backing, byteLimit: 64 << 20)
        let stack = try #require(OwnStack.take())
        var sample = stack.sample
        let isDone = unwinder.unwind(&sample, in: process, images: images, isLast: false)
        #expect(isDone)
        #expect(sample.stackCopy == nil)
        expectSame(sample.userFrames, stack.callers)
        let counters = unwinder.counters
        #expect(counters.tables > 0)
        #expect(counters.unwound == 1)
        #expect(backing.processes[process.tgid] != nil, "BPF knows the process from now on")
    }

    @Test func `what was evicted comes back, and the stack is the same`() throws {
        let (process, images) = try ownProcess()
        let stack = try #require(OwnStack.take())
        var roomy = StackUnwinder(backing: LocalBacking(), byteLimit: 64 << 20)
        var first = stack.sample
        _ = roomy.unwind(&first, in: process, images: images, isLast: true)
        // No room for the tables of this process together: each walk has to make do, or say so.
        let backing = CountingBacking()
        var tight = StackUnwinder(backing: backing, byteLimit: 1 << 20)
        for _ in 0..<20 {
            var sample = stack.sample
            _ = tight.unwind(&sample, in: process, images: images, isLast: true)
            let frames = sample.userFrames
            #expect(
                frames == Array(first.userFrames.prefix(frames.count))
                    || !sample.userStop.isComplete)
            tight.keepHouse()
        }
        let counters = tight.counters
        #expect(counters.arenaBytes <= 1 << 20)
    }

    @Test func `a forgotten process is not found any more`() throws {
        let (process, images) = try ownProcess()
        let backing = LocalBacking()
        var unwinder = StackUnwinder(backing: backing, byteLimit: 64 << 20)
        var sample = try #require(OwnStack.take()).sample
        _ = unwinder.unwind(&sample, in: process, images: images, isLast: true)
        let before = unwinder.counters.knownProcesses
        #expect(before == 1)
        unwinder.forget([process.id])
        let after = unwinder.counters.knownProcesses
        #expect(backing.processes.isEmpty && after == 0)
    }

    @Test func `a mapping in the place of one without a mark makes the process unknown at once`()
        throws
    {
        let (process, images) = try ownProcess()
        let backing = LocalBacking()
        var unwinder = StackUnwinder(backing: backing, byteLimit: 64 << 20)
        var sample = try #require(OwnStack.take()).sample
        _ = unwinder.unwind(&sample, in: process, images: images, isLast: true)
        let known = try #require(
            process.mappings.mappings.first { images[$0.image]?.name.hasPrefix("libc.so") == true })
        let image = try #require(images[known.image])
        let same = try #require(
            ReportedMapping(
                start: known.start, end: known.end, fileOffset: known.fileOffset, image: image))
        let other = try #require(
            ReportedMapping(
                start: known.start, end: known.end, fileOffset: known.fileOffset,
                image: MappedImage(path: "/other.so")))
        unwinder.sawMapping(same, in: process.tgid, images: images)
        unwinder.sawMapping(other, in: process.tgid, images: images)
        #expect(backing.processes.count == 1, "a build ID in memory tells the two apart")
        let unmarked = try #require(
            process.mappings.mappings.first { images[$0.image]?.path == "[vdso]" })
        let another = try #require(
            ReportedMapping(
                start: unmarked.start, end: unmarked.end, fileOffset: FileOffset(0),
                image: MappedImage(path: "/other.so")))
        let isMarked = unwinder.hasMark(at: unmarked.start, in: process.tgid)
        unwinder.sawMapping(another, in: process.tgid, images: images)
        #expect(backing.processes.isEmpty != isMarked)
    }

    @Test(arguments: [0, 1, 100, 144, 4096])
    func `any bytes give frames and a reason, and nothing traps`(length: Int) throws {
        let (process, images) = try ownProcess()
        var unwinder = StackUnwinder(backing: LocalBacking(), byteLimit: 64 << 20)
        var random = SystemRandomNumberGenerator()
        let real = try #require(OwnStack.take()).sample
        for _ in 0..<200 {
            var registers = (0..<17).map { _ in UInt64.random(in: 0...UInt64.max, using: &random) }
            if Bool.random(using: &random) { registers = real.stackCopy?.registers ?? registers }
            var sample = real
            sample.setUserStack([], stop: .endOfStack, hash: 0)
            sample = Sample(
                time: real.time, cpu: 0, tgid: real.tgid, tid: real.tid, processStart: 1,
                command: real.command, cgroupID: 0, cgroup1ID: 0, execID: 1, stackHash: 0,
                kernelFrames: [], userFrames: [], kernelStop: .endOfStack,
                userStop: .unknownProcess,
                stackCopy: StackCopy(
                    registers: registers, start: ProcessAddress(registers[7] &- 16),
                    bytes: (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }))
            _ = unwinder.unwind(&sample, in: process, images: images, isLast: true)
            #expect(!sample.userFrames.isEmpty && sample.userFrames.count <= 1024)
        }
    }
}
