/// A thread's name: at most 15 bytes, kept without allocation (`comm` in the kernel).
package struct CommandName: Hashable, Sendable {
    private let low: UInt64
    private let high: UInt64

    /// Bytes up to the first zero; what is past 16 bytes is cut, as the kernel does.
    package init(bytes: some Sequence<UInt8>) {
        var words: (UInt64, UInt64) = (0, 0)
        for (index, byte) in bytes.prefix(16).enumerated() {
            if byte == 0 { break }
            if index < 8 {
                words.0 |= UInt64(byte) << (8 * UInt64(index))
            } else {
                words.1 |= UInt64(byte) << (8 * UInt64(index - 8))
            }
        }
        (low, high) = words
    }

    package init(_ text: String) { self.init(bytes: text.utf8) }

    /// The sixteen bytes as two little-endian words; what follows the first zero is cleared.
    package init(words low: UInt64, _ high: UInt64) {
        let kept = Self.upToZero(low)
        self.low = kept
        self.high = kept >> 56 == 0 ? 0 : Self.upToZero(high)
    }

    /// Tells names apart nearly always: what a table's hash needs.
    package var word: UInt64 { low ^ high &* 0x9e37_79b9_7f4a_7c15 }

    /// A word's bytes before its first zero byte.
    private static func upToZero(_ word: UInt64) -> UInt64 {
        // The lowest bit set marks the first zero byte (Hacker's Delight, 6-1).
        let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
        let bits = UInt64(zeros.trailingZeroBitCount & ~7)
        return bits < 64 ? word & ~(~0 << bits) : word
    }

    /// As text; bytes that are not UTF-8 are replaced.
    package var text: String {
        var bytes: [UInt8] = []
        for index in 0..<16 {
            let word = index < 8 ? low : high
            let byte = UInt8(truncatingIfNeeded: word >> (8 * UInt64(index % 8)))
            if byte == 0 { break }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension CommandName: CustomStringConvertible {
    package var description: String { text }
}

/// One observation of a running thread, as the kernel saw it: addresses, not names.
package struct Sample: Sendable {
    /// CLOCK_MONOTONIC, nanoseconds.
    package let time: UInt64
    package let cpu: UInt32
    /// The process (`tgid`), in the initial pid namespace.
    package let tgid: UInt32
    /// The thread, in the initial pid namespace.
    package let tid: UInt32
    /// The group leader's `start_boottime`, nanoseconds: tells reused pids apart.
    package let processStart: UInt64
    /// The thread's name.
    package let command: CommandName
    /// cgroup v2 id; 0 when there is none.
    package let cgroupID: UInt64
    /// kernfs id in the v1 `pids`, else `memory`, hierarchy; 0 when there is none.
    package let cgroup1ID: UInt64
    /// The kernel's `self_exec_id`: a process that called `execve(2)` in between has another.
    package let execID: UInt64
    /// Over all frames, seeded per run: equal stacks of one process have equal hashes. Over the kernel
    /// frames alone while there is a `stackCopy`.
    package private(set) var stackHash: UInt64
    /// The kernel's frames, then the user's, as `kernelFrames` and `userFrames` say: one array, because
    /// there are thousands of samples a second.
    package private(set) var frames: [UInt64]
    /// How many of `frames` are the kernel's.
    package let kernelFrameCount: Int
    /// Set in a frame that a signal interrupted: its address is the very instruction.
    package static let interruptedBit: UInt64 = 1 << 63
    package let kernelStop: StopReason
    package private(set) var userStop: StopReason
    /// What BPF could not unwind itself, and has to be before the sample means anything.
    package private(set) var stackCopy: StackCopy?

    package init(
        time: UInt64, cpu: UInt32, tgid: UInt32, tid: UInt32, processStart: UInt64,
        command: CommandName, cgroupID: UInt64, cgroup1ID: UInt64, execID: UInt64 = 0,
        stackHash: UInt64, frames: [UInt64], kernelFrameCount: Int, kernelStop: StopReason,
        userStop: StopReason, stackCopy: StackCopy? = nil
    ) {
        self.time = time
        self.cpu = cpu
        self.tgid = tgid
        self.tid = tid
        self.processStart = processStart
        self.command = command
        self.cgroupID = cgroupID
        self.cgroup1ID = cgroup1ID
        self.execID = execID
        self.stackHash = stackHash
        self.frames = frames
        self.kernelFrameCount = min(kernelFrameCount, frames.count)
        self.kernelStop = kernelStop
        self.userStop = userStop
        self.stackCopy = stackCopy
    }

    /// As the other, the frames still apart.
    package init(
        time: UInt64, cpu: UInt32, tgid: UInt32, tid: UInt32, processStart: UInt64,
        command: CommandName, cgroupID: UInt64, cgroup1ID: UInt64, execID: UInt64 = 0,
        stackHash: UInt64, kernelFrames: [UInt64], userFrames: [UInt64], kernelStop: StopReason,
        userStop: StopReason, stackCopy: StackCopy? = nil
    ) {
        self.init(
            time: time, cpu: cpu, tgid: tgid, tid: tid, processStart: processStart,
            command: command, cgroupID: cgroupID, cgroup1ID: cgroup1ID, execID: execID,
            stackHash: stackHash, frames: kernelFrames + userFrames,
            kernelFrameCount: kernelFrames.count, kernelStop: kernelStop, userStop: userStop,
            stackCopy: stackCopy)
    }

    /// Leaf first. The first is the interrupted instruction, the others are return addresses.
    package var kernelFrames: [UInt64] { Array(frames[..<kernelFrameCount]) }
    /// Leaf first. The first is an interrupted instruction (also when the thread was inside the
    /// kernel: then it is the one after the system call), the others are return addresses, unless they
    /// have `interruptedBit`.
    package var userFrames: [UInt64] { Array(frames[kernelFrameCount...]) }

    /// Puts the frames that were found in the stack copy in its place.
    package mutating func setUserStack(_ frames: [UInt64], stop: StopReason, hash: UInt64) {
        self.frames.replaceSubrange(kernelFrameCount..., with: frames)
        userStop = stop
        stackHash = hash
        stackCopy = nil
    }
}
