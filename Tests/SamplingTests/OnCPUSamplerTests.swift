import Glibc
import LinuxSystem
import ProfileModel
import Sampling
import Testing

/// These load BPF and sample this machine: they need root, and CI has it.
@Suite(.serialized, .enabled(if: getuid() == 0)) struct OnCPUSamplerTests {
    /// Burns CPU on this thread for about `milliseconds` of its own time.
    private func burn(milliseconds: UInt64) {
        var now = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
        let end =
            UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec) + milliseconds * 1_000_000
        while UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec) < end {
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
        }
    }

    @Test func `sees this very process burn CPU and counts all of it`() throws {
        let configuration = try #require(SamplingConfiguration(frequency: 497))
        var sampler = try OnCPUSampler.start(configuration)
        var mine: [Sample] = []
        for _ in 0..<10 {
            burn(milliseconds: 100)
            let undecoded = try sampler.drain { if $0.tgid == UInt32(getpid()) { mine.append($0) } }
            #expect(undecoded == 0)
        }
        // 1 s of CPU at 497 Hz, within five standard deviations of the sampling itself; other
        // threads of the test run may burn too, so there is no upper bound.
        #expect(mine.count > 380)
        // Nobody told BPF of any process: it sends copies of stacks, or, when it has sent enough, frames.
        // A thread that ends has no memory left to read.
        let unknown = mine.filter { $0.userStop == .unknownProcess }
        #expect(unknown.count * 10 > mine.count * 9)
        #expect(unknown.allSatisfy { ($0.stackCopy != nil) == $0.userFrames.isEmpty })
        #expect(mine.allSatisfy { $0.processStart > 0 })
        let copies = mine.compactMap(\.stackCopy)
        #expect(copies.count > 20)
        #expect(copies.allSatisfy { $0.registers[16] != 0 })
        // A thread that just began, or ends, may have next to nothing on its stack.
        #expect(copies.count { $0.bytes.count > 64 } * 10 > copies.count * 9)
        #expect(mine.contains { $0.tid != 0 && $0.command.text != "" })
        #expect(mine.contains { $0.kernelFrames.isEmpty })
        let times = mine.filter { $0.cpu == mine[0].cpu }.map(\.time)
        #expect(times == times.sorted(), "one CPU's samples arrive in order of time")
        try sampler.follow([])
    }

    @Test func `every tick is delivered or lost for a named reason, also when nobody reads`() throws
    {
        let configuration = try #require(SamplingConfiguration(frequency: 1000))
        var sampler = try OnCPUSampler.start(configuration)
        // 1000 Hz fill a ring for one second of 1 KiB records in some seconds of nobody reading.
        var ledger = try sampler.ledger()
        for _ in 0..<600 where ledger.lost.allSatisfy({ $0.count == 0 }) {
            burn(milliseconds: 100)
            ledger = try sampler.ledger()
        }
        try sampler.follow([])
        ledger = try sampler.ledger()
        #expect(ledger.unaccounted == 0)
        #expect(ledger.lost.contains { $0.label == "ring_full" && $0.count > 0 })
        var read: UInt64 = 0
        let undecoded = try sampler.drain { _ in read += 1 }
        #expect(undecoded == 0)
        #expect(read == ledger.delivered)
    }

    @Test func `the ring suits frequency and CPUs`() {
        let slow = SamplingConfiguration.standard
        #expect(slow.ringBytes(cpus: 1) == 4 << 20)
        #expect(slow.ringBytes(cpus: 64).nonzeroBitCount == 1)
        #expect(slow.ringBytes(cpus: 64) >= 64 * 97 * 1024)
        #expect(slow.ringBytes(cpus: 1 << 20) == 256 << 20)
        #expect(SamplingConfiguration(frequency: 0) == nil)
        #expect(SamplingConfiguration(frequency: 1001) == nil)
    }
}
