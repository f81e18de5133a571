import Glibc
import Testing

@testable import LinuxSystem

@Suite(.enabled(if: isRoot), .timeLimit(.minutes(1))) struct PerfEventTests {
    @Test(arguments: [UInt32(1), 97, 1000, 100_000])
    func `a clock runs from enable to disable`(frequency: UInt32) throws {
        let cpu = try #require(try OnlineCPUs.current().first)
        let event = try PerfEvent(cpuClockOn: cpu, frequency: frequency)
        var counts = try event.counts()
        #expect(counts.enabledTime == 0)
        try event.enable()
        usleep(2000)
        counts = try event.counts()
        #expect(counts.enabledTime >= 2_000_000)
        try event.disable()
        let stopped = try event.counts().enabledTime
        usleep(2000)
        #expect(try event.counts().enabledTime == stopped)
        #expect(fcntl(event.descriptor, F_GETFD) == FD_CLOEXEC)
    }

    @Test func `a CPU that is not there, and no frequency, are errors`() {
        #expect { _ = try PerfEvent(cpuClockOn: 60_000, frequency: 97) } throws: {
            ($0 as? SystemCallError)?.errno == EINVAL
                || ($0 as? SystemCallError)?.isNoDevice == true
        }
        #expect(throws: SystemCallError.self) { _ = try PerfEvent(cpuClockOn: 0, frequency: 0) }
    }

    @Test func `the descriptor goes with its owner`() throws {
        let number: Int32
        do {
            let ring = try PerfRing(PerfEvent(processRecordsOn: 0, wakeupBytes: 1), dataPages: 3)
            number = ring.event.descriptor
            #expect(fcntl(number, F_GETFD) >= 0)
        }
        #expect(fcntl(number, F_GETFD) == -1)
    }

    @Test func `a ring is empty before it is enabled`() throws {
        var ring = try PerfRing(PerfEvent(processRecordsOn: 0, wakeupBytes: 1), dataPages: 1)
        let drained = try ring.drain { _ in Issue.record("a record") }
        #expect(drained == PerfRing.Drained())
    }
}
