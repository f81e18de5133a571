import ByteReading
import CSampleABI
import Driver
import ProcessTracking
import ProfileModel
import Sampling

/// What the kernel's rings carry: records of processes, and samples. The kernel is no stranger, but a
/// kernel of another version may be.
///
///     u8 bit 0: sample │ record
@main
struct Records: FuzzTarget {
    static func run(_ input: RawSpan) {
        var reader = ByteReader(input)
        guard let flags = try? reader.read(UInt8.self) else { return }
        let record = input.extracting(1..<input.byteCount)
        if flags & 1 == 0 { event(record) } else { sample(record) }
    }

    private static func event(_ record: RawSpan) {
        guard let event = try? ProcessEvent.decode(record) else { return }
        if case .mapped(let mapping) = event.kind { precondition(mapping.start < mapping.end) }
    }

    private static func sample(_ record: RawSpan) {
        guard let sample = try? SampleDecoder.decode(record) else { return }
        precondition(sample.kernelFrames.count <= Int(MAX_KERNEL_FRAMES))
        precondition(sample.userFrames.count <= Int(MAX_USER_FRAMES))
        _ = sample.command.text
        guard let copy = sample.stackCopy else { return }
        precondition(sample.userFrames.isEmpty && copy.bytes.count <= Int(MAX_STACK_COPY))
        precondition(copy.registers.count == Int(REGISTER_COUNT))
    }
}
