import CSampleABI
import ProfileModel
import Testing

@testable import Sampling

/// Lays out a `struct sample_record` as BPF writes it.
private struct RecordLayout {
    var kernelCount: UInt16 = 1
    var userCount: UInt16 = 2
    var frames: [UInt64] = [0xffff_ffff_8100_0000, 0x40_1000, 0x40_2000]

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        func append<T: FixedWidthInteger>(_ value: T) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        append(UInt64(11))  // time
        append(UInt64(22))  // start_time
        append(UInt64(33))  // cgroup_id
        append(UInt64(44))  // cgroup1_id
        append(UInt64(55))  // stack_hash
        append(UInt32(66))  // tgid
        append(UInt32(77))  // tid
        append(UInt32(1))  // cpu
        append(kernelCount)
        append(userCount)
        append(StopReason.endOfStack.rawValue)
        append(StopReason.noFramePointer.rawValue)
        bytes += Array("worker/3".utf8) + [UInt8](repeating: 0, count: 8)
        for frame in frames { append(frame) }
        return bytes
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
        #expect(sample.stackHash == 55)
        #expect(sample.tgid == 66)
        #expect(sample.tid == 77)
        #expect(sample.cpu == 1)
        #expect(sample.command.text == "worker/3")
        #expect(sample.kernelFrames == [0xffff_ffff_8100_0000])
        #expect(sample.userFrames == [0x40_1000, 0x40_2000])
        #expect(sample.kernelStop == .endOfStack)
        #expect(sample.userStop == .noFramePointer)
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
        #expect(MemoryLayout<sample_record>.size == 80)
        #expect(MemoryLayout<sample_record>.offset(of: \.comm) == 64)
        #expect(MemoryLayout<sample_record>.offset(of: \.kernel_count) == 52)
        #expect(MemoryLayout<sampling_settings>.size == 16)
    }
}
