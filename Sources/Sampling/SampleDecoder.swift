import ByteReading
import CSampleABI
package import ProfileModel

/// Turns ring buffer records into samples. Pure. Numbers are little-endian, as the machine's.
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
        let headerSize = MemoryLayout<sample_record>.size
        guard record.byteCount >= headerSize else { throw .truncated(byteCount: record.byteCount) }
        // Safe because the span is long enough, and any bytes are a sample_record.
        let header = unsafe record.unsafeLoadUnaligned(as: sample_record.self)
        let command = unsafe record.unsafeLoadUnaligned(
            fromByteOffset: commandOffset, as: (UInt64, UInt64).self)
        let kernelCount = Int(header.kernel_count)
        let userCount = Int(header.user_count)
        guard kernelCount <= MAX_KERNEL_FRAMES, userCount <= MAX_USER_FRAMES else {
            throw .tooManyFrames(kernel: kernelCount, user: userCount)
        }
        let hasCopy = header.has_copy != COPY_ABSENT.rawValue
        let frames = try words(hasCopy ? kernelCount : kernelCount + userCount, record, headerSize)
        return Sample(
            time: header.time, cpu: header.cpu, tgid: header.tgid, tid: header.tid,
            processStart: header.start_time,
            command: CommandName(words: command.0, command.1), cgroupID: header.cgroup_id,
            cgroup1ID: header.cgroup1_id, execID: header.exec_id, stackHash: header.stack_hash,
            frames: frames, kernelFrameCount: kernelCount,
            kernelStop: StopReason(rawValue: header.kernel_stop),
            userStop: StopReason(rawValue: header.user_stop),
            stackCopy: hasCopy ? try stackCopy(record, state: header.has_copy) : nil)
    }

    private static let commandOffset = MemoryLayout<sample_record>.offset(of: \.comm) ?? 0

    // Reads struct stack_copy, which stands behind room for all kernel frames there can be.
    private static func stackCopy(
        _ record: RawSpan, state: UInt32
    ) throws(DecodeError) -> StackCopy {
        let start = MemoryLayout<sample_record>.size + Int(MAX_KERNEL_FRAMES) * 8
        let registers = try words(Int(REGISTER_COUNT), record, start)
        var reader = ByteReader(record)
        do {
            try reader.seek(to: UInt64(start + registers.count * 8))
            let length = Int(try reader.read(UInt32.self))
            guard length <= Int(MAX_STACK_COPY) else {
                throw DecodeError.copyTooLong(byteCount: length)
            }
            try reader.skip(4)
            return StackCopy(
                registers: registers,
                start: ProcessAddress(registers[7] &- UInt64(STACK_COPY_BELOW)),
                bytes: try reader.readArray(UInt64(length)),
                isUrgent: state == COPY_URGENT.rawValue)
        } catch let error as DecodeError {
            throw error
        } catch {
            throw .truncated(byteCount: record.byteCount)
        }
    }

    /// So many numbers of eight bytes, from `start` on.
    private static func words(
        _ count: Int, _ record: RawSpan, _ start: Int
    ) throws(DecodeError) -> [UInt64] {
        guard record.byteCount - start >= count * 8 else {
            throw .truncated(byteCount: record.byteCount)
        }
        let bytes = record.extracting(start..<start + count * 8)
        return unsafe [UInt64](unsafeUninitializedCapacity: count) { words, filled in
            unsafe bytes.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(words).copyMemory(from: $0)
            }
            filled = count
        }
    }
}
