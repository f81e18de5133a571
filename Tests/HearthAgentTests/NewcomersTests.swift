import ProfileModel
import Testing

@testable import HearthAgent

@Suite struct NewcomersTests {
    private func sample(_ tgid: UInt32) -> Sample {
        Sample(
            time: 0, cpu: 0, tgid: tgid, tid: tgid, processStart: 1, command: CommandName("new"),
            cgroupID: 0, cgroup1ID: 0, stackHash: 0, kernelFrames: [], userFrames: [],
            kernelStop: .endOfStack, userStop: .unknownProcess)
    }

    @Test func `takes one sample of a process, and a bounded number of processes`() {
        var newcomers = Newcomers()
        for tgid: UInt32 in 1...20 {
            newcomers.add(sample(tgid), at: 0)
            newcomers.add(sample(tgid), at: 0)
        }
        #expect(newcomers.samples.map(\.tgid) == Array(1...8))
    }

    @Test func `looks ever more seldom at a process that asks again and again`() {
        var newcomers = Newcomers()
        var times: [UInt64] = []
        for millisecond in UInt64(0)..<300 {  // BPF asks every other one
            newcomers.add(sample(1), at: millisecond * 1_000_000)
            if !newcomers.samples.isEmpty { times.append(millisecond) }
            newcomers.removeAll()
        }
        #expect(times.prefix(12) == Array(0..<12)[...])
        let waits = zip(times.dropFirst(12), times.dropFirst(13)).map { $1 - $0 }
        #expect(waits == waits.sorted() && waits.count < 8, "\(times)")
    }
}
