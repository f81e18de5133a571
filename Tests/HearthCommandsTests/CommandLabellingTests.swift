import LinuxSystem
import ProcessTracking
import ProfileModel
import Testing

@testable import HearthCommands

@Suite struct CommandLabellingTests {
    private func wants(_ labelling: inout CommandLabelling, _ tgid: UInt32) throws -> Bool {
        let sample = Sample(
            time: 1, cpu: 0, tgid: tgid, tid: tgid, processStart: 1, command: CommandName("worker"),
            cgroupID: 0, cgroup1ID: 0, stackHash: 0, kernelFrames: [], userFrames: [],
            kernelStop: .endOfStack, userStop: .endOfStack)
        var tracker = ProcessTracker(bootOffset: 0)
        var cgroups = CGroupFilesystem(mounts: try CGroupMounts.current())
        let labels = labelling.labels(
            of: sample, process: tracker.process(of: sample).process, cgroups: &cgroups)
        if let labels { #expect(labels == LabelSet([Label("comm", "worker")])) }
        return labels != nil
    }

    private func fork(_ parent: UInt32, _ child: UInt32) -> ProcessEvent {
        ProcessEvent(time: 1, tgid: child, tid: child, kind: .forked(parent: parent))
    }

    @Test func `wants every process unless told otherwise`() throws {
        var labelling = CommandLabelling(.all, starter: 1)
        let wanted = try wants(&labelling, 99)
        #expect(wanted)
    }

    @Test func `wants one process and what it starts`() throws {
        var labelling = CommandLabelling(.process(10), starter: 1)
        labelling.observe(fork(10, 11))
        labelling.observe(fork(11, 12))
        labelling.observe(fork(9, 13))
        for (tgid, isWanted) in [(10, true), (11, true), (12, true), (13, false)]
            as [(UInt32, Bool)]
        {
            let wanted = try wants(&labelling, tgid)
            #expect(wanted == isWanted)
        }
    }

    @Test func `wants a command and what it starts, but not who started it`() throws {
        var labelling = CommandLabelling(.command(["make"]), starter: 1)
        labelling.observe(fork(1, 20))
        labelling.observe(fork(20, 21))
        labelling.observe(fork(1, 1))  // a thread
        for (tgid, isWanted) in [(1, false), (20, true), (21, true), (22, false)]
            as [(UInt32, Bool)]
        {
            let wanted = try wants(&labelling, tgid)
            #expect(wanted == isWanted)
        }
    }
}
