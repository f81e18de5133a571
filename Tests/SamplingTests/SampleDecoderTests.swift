import CSampleABI
import ProfileModel
import Testing

@testable import Sampling

/// Lays out a `struct sample_record` as BPF writes it.
private struct RecordLayout {
    var kernelCount: UInt16 = 1
    var userCount: UInt16 = 2
    var frames: [UInt64] = [0xffff_ffff_8100_0000, 0x40_1000, 0x40_2000]
    /// Present: a stack copy instead of user frames.
    var copy: [UInt8]?
    /// What the copy claims to be long.
    var copyLength: UInt32?

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        func append<T: FixedWidthInteger>(_ value: T) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        append(UInt64(11))  // time
        append(UInt64(22))  // start_time
        append(UInt64(33))  // cgroup_id
        append(UInt64(44))  // cgroup1_id
        append(UInt64(5))  // exec_id
        append(UInt64(55))  // stack_hash
        append(UInt32(66))  // tgid
        append(UInt32(77))  // tid
        append(UInt32(1))  // cpu
        append(kernelCount)
        append(userCount)
        append(StopReason.endOfStack.rawValue)
        append(StopReason.noFramePointer.rawValue)
        append(UInt32(copy == nil ? 0 : 1))
        append(UInt32(0))
        bytes += Array("worker/3".utf8) + [UInt8](repeating: 0, count: 8)
        for frame in frames { append(frame) }
        guard let copy else { return bytes }
        let start = MemoryLayout<sample_record>.size + Int(MAX_KERNEL_FRAMES) * 8
        bytes += [UInt8](repeating: 0xee, count: start - bytes.count)
        for register in 0..<UInt64(REGISTER_COUNT) { append(1000 + register) }
        append(copyLength ?? UInt32(copy.count))
        append(UInt32(0))
        return bytes + copy
    }
}

@Suite struct SampleDecoderTests {
    @Test func `reads every field of a record`() throws {
        let bytes = RecordLayout().bytes
        let sample = try SampleDecoder.decode(bytes.span.bytes)
        #expect(sample.time == 11)
        #expect(sample.processStart == 22)
        #expect(sample.cgroupID == 33)
        #expect(sample.cgroup1ID == 44)
        #expect(sample.execID == 5)
        #expect(sample.stackHash == 55)
        #expect(sample.stackCopy == nil)
        #expect(sample.tgid == 66)
        #expect(sample.tid == 77)
        #expect(sample.cpu == 1)
        #expect(sample.command.text == "worker/3")
        #expect(sample.kernelFrames == [0xffff_ffff_8100_0000])
        #expect(sample.userFrames == [0x40_1000, 0x40_2000])
        #expect(sample.kernelStop == .endOfStack)
        #expect(sample.userStop == .noFramePointer)
    }

    @Test func `reads a stack copy behind the room for kernel frames`() throws {
        let bytes = RecordLayout(userCount: 0, frames: [7], copy: [1, 2, 3]).bytes
        let sample = try SampleDecoder.decode(bytes.span.bytes)
        #expect(sample.kernelFrames == [7])
        #expect(sample.userFrames == [])
        let copy = try #require(sample.stackCopy)
        #expect(copy.registers == (1000..<1017).map { UInt64($0) })
        #expect(copy.start == ProcessAddress(1007 - 16))
        #expect(copy.bytes == [1, 2, 3])
    }

    @Test func `refuses every truncation of a stack copy`() {
        let whole = RecordLayout(userCount: 0, frames: [7], copy: [1, 2, 3]).bytes
        for length in 0..<whole.count {
            let bytes = Array(whole[..<length])
            #expect(throws: SampleDecoder.DecodeError.truncated(byteCount: length)) {
                try SampleDecoder.decode(bytes.span.bytes)
            }
        }
    }

    @Test(arguments: [16_385, 65_536, .max] as [UInt32])
    func `refuses a longer stack copy than the layout allows`(length: UInt32) {
        let bytes = RecordLayout(userCount: 0, frames: [7], copy: [], copyLength: length).bytes
        #expect(throws: SampleDecoder.DecodeError.copyTooLong(byteCount: Int(length))) {
            try SampleDecoder.decode(bytes.span.bytes)
        }
    }

    @Test func `refuses every truncation and does not trap`() {
        let whole = RecordLayout().bytes
        for length in 0..<whole.count {
            let bytes = Array(whole[..<length])
            #expect(throws: SampleDecoder.DecodeError.truncated(byteCount: length)) {
                try SampleDecoder.decode(bytes.span.bytes)
            }
        }
    }

    @Test(arguments: [
        "", "a", "seven77", "eight888", "nine99999", "fifteen-letters", "sixteen-letters!",
    ])
    func `reads a thread's name up to its first zero`(name: String) throws {
        var bytes = RecordLayout().bytes
        let rubbish = [UInt8](repeating: 0x80, count: 16)
        bytes.replaceSubrange(80..<96, with: (Array(name.utf8) + [0] + rubbish).prefix(16))
        let command = try SampleDecoder.decode(bytes.span.bytes).command
        #expect(command.text == name)
        #expect(command == CommandName(name))
    }

    @Test func `ignores what follows the used length`() throws {
        let bytes = RecordLayout().bytes + [1, 2, 3, 4, 5, 6, 7]
        #expect(try SampleDecoder.decode(bytes.span.bytes).userFrames.count == 2)
    }

    @Test(arguments: [(129, 0), (0, 1025), (65_535, 65_535)] as [(UInt16, UInt16)])
    func `refuses more frames than the layout allows`(kernel: UInt16, user: UInt16) {
        var layout = RecordLayout()
        layout.kernelCount = kernel
        layout.userCount = user
        let bytes = layout.bytes
        #expect(
            throws: SampleDecoder.DecodeError.tooManyFrames(kernel: Int(kernel), user: Int(user))
        ) { try SampleDecoder.decode(bytes.span.bytes) }
    }

    @Test func `survives any single corrupted byte`() {
        let whole = RecordLayout().bytes
        for index in whole.indices {
            for value: UInt8 in [0x00, 0x7f, 0x80, 0xff] {
                var bytes = whole
                bytes[index] = value
                _ = try? SampleDecoder.decode(bytes.span.bytes)
            }
        }
    }

    @Test func `Swift sees the layout that C asserts`() {
        #expect(MemoryLayout<sample_record>.size == 96)
        #expect(MemoryLayout<sample_record>.offset(of: \.comm) == 80)
        #expect(MemoryLayout<sample_record>.offset(of: \.kernel_count) == 60)
        #expect(MemoryLayout<sampling_settings>.size == 24)
        #expect(MemoryLayout<unwind_rule>.size == 16)
        #expect(MemoryLayout<unwind_mapping>.stride == 48)
        #expect(MemoryLayout<unwind_process>.size == 32)
    }
}
