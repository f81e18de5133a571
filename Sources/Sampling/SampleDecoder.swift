import ByteReading
import CSampleABI
package import ProfileModel

/// Turns ring buffer records into samples. Pure.
package enum SampleDecoder {
    /// A record that is not what `bpf/abi/sample_abi.h` describes.
    package enum DecodeError: Error, Hashable, Sendable {
        /// Shorter than its header, or than the frames its header announces.
        case truncated(byteCount: Int)
        /// Announces more frames than the layout allows.
        case tooManyFrames(kernel: Int, user: Int)
        /// Announces a longer stack copy than the layout allows.
        case copyTooLong(byteCount: Int)
    }

    /// One record, as the ring buffer hands it over: it may be longer than what is used.
    package static func decode(_ record: RawSpan) throws(DecodeError) -> Sample {
        var reader = ByteReader(record)
        do {
            return try read(&reader)
        } catch let error as DecodeError {
            throw error
        } catch {
            throw .truncated(byteCount: record.byteCount)
        }
    }

    // Reads struct sample_record field by field, in its order.
    private static func read(_ reader: inout ByteReader) throws -> Sample {
        let time: UInt64 = try reader.read()
        let processStart: UInt64 = try reader.read()
        let cgroupID: UInt64 = try reader.read()
        let cgroup1ID: UInt64 = try reader.read()
        let execID: UInt64 = try reader.read()
        let stackHash: UInt64 = try reader.read()
        let tgid: UInt32 = try reader.read()
        let tid: UInt32 = try reader.read()
        let cpu: UInt32 = try reader.read()
        let kernelCount = Int(try reader.read(UInt16.self))
        let userCount = Int(try reader.read(UInt16.self))
        let kernelStop: UInt32 = try reader.read()
        let userStop: UInt32 = try reader.read()
        let hasCopy: UInt32 = try reader.read()
        try reader.skip(4)
        let command = CommandName(bytes: try reader.readArray(UInt64(COMM_LENGTH)))
        guard kernelCount <= MAX_KERNEL_FRAMES, userCount <= MAX_USER_FRAMES else {
            throw DecodeError.tooManyFrames(kernel: kernelCount, user: userCount)
        }
        let kernelFrames = try frames(kernelCount, &reader)
        let userFrames = try frames(hasCopy == 0 ? userCount : 0, &reader)
        let copy = hasCopy == 0 ? nil : try stackCopy(&reader, state: hasCopy)
        return Sample(
            time: time, cpu: cpu, tgid: tgid, tid: tid, processStart: processStart,
            command: command, cgroupID: cgroupID, cgroup1ID: cgroup1ID, execID: execID,
            stackHash: stackHash, kernelFrames: kernelFrames, userFrames: userFrames,
            kernelStop: StopReason(rawValue: kernelStop), userStop: StopReason(rawValue: userStop),
            stackCopy: copy)
    }

    // Reads struct stack_copy, which stands behind room for all kernel frames there can be.
    private static func stackCopy(
        _ reader: inout ByteReader, state: UInt32
    ) throws -> StackCopy {
        try reader.seek(
            to: UInt64(MemoryLayout<sample_record>.size + Int(MAX_KERNEL_FRAMES) * 8))
        let registers = try frames(Int(REGISTER_COUNT), &reader)
        let length = Int(try reader.read(UInt32.self))
        guard length <= Int(MAX_STACK_COPY) else {
            throw DecodeError.copyTooLong(byteCount: length)
        }
        try reader.skip(4)
        let start = ProcessAddress(registers[7] &- UInt64(STACK_COPY_BELOW))
        return StackCopy(
            registers: registers, start: start, bytes: try reader.readArray(UInt64(length)),
            isUrgent: state == COPY_URGENT.rawValue)
    }

    private static func frames(_ count: Int, _ reader: inout ByteReader) throws -> [UInt64] {
        var frames: [UInt64] = []
        frames.reserveCapacity(count)
        for _ in 0..<count { frames.append(try reader.read()) }
        return frames
    }
}
