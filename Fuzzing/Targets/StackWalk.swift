import ByteReading
import CSampleABI
import CStackWalk
import Driver

/// The walk of `bpf/lib` with the address sanitizer: registers, stack, and an arena in which every
/// block is hostile. What would be a wild read there, the kernel's verifier would have refused.
///
///     17 × u64 registers │ u32 process │ u16 length of the stack │ stack │ (u32 place │ u32 word) …
@main
struct StackWalk: FuzzTarget {
    /// Two: a block can lie in one, in the other, or in none.
    private static let segmentCount = 2
    private static let segmentBytes = Int(SEGMENT_BYTES) + Int(SEGMENT_SLACK)
    /// Each on its own, so that what lies behind it is poisoned.
    nonisolated(unsafe) private static let segments = (0..<segmentCount).map { _ in
        UnsafeMutableRawPointer.allocate(byteCount: segmentBytes, alignment: 16)
    }

    static func run(_ input: RawSpan) {
        var reader = ByteReader(input)
        var registers: [UInt64] = []
        while registers.count < Int(REGISTER_COUNT), let value = try? reader.read(UInt64.self) {
            registers.append(value)
        }
        guard registers.count == Int(REGISTER_COUNT), let process = try? reader.read(UInt32.self),
            let length = try? reader.read(UInt16.self),
            let stack = try? reader.readArray(UInt64(min(Int(length), reader.remaining)))
        else { return }
        fillSegments(&reader)
        walk(registers, stack, process)
    }

    /// Words at places; all else is zero.
    private static func fillSegments(_ reader: inout ByteReader) {
        for index in 0..<segmentCount {
            unsafe segments[index].initializeMemory(
                as: UInt8.self, repeating: 0, count: segmentBytes)
        }
        while let place = try? reader.read(UInt32.self), let word = try? reader.read(UInt32.self) {
            let segment = unsafe segments[Int(place >> 31)]
            let offset = Int(place & 0x7fff_ffff) * 4 % (segmentBytes - 3)
            unsafe segment.storeBytes(of: word, toByteOffset: offset, as: UInt32.self)
        }
    }

    private static func walk(_ registers: [UInt64], _ stack: [UInt8], _ process: UInt32) {
        var hash: UInt64 = 1
        var count: UInt32 = 0
        // Room for not one frame more than there may be.
        let frames = UnsafeMutablePointer<UInt64>.allocate(capacity: Int(MAX_USER_FRAMES))
        defer { unsafe frames.deallocate() }
        // Nor one byte more of the stack, as an array may have.
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: stack.count)
        defer { unsafe copy.deallocate() }
        _ = unsafe copy.initialize(from: stack)
        let places = unsafe segments.map { unsafe Optional($0) }
        let stop = unsafe places.withUnsafeBufferPointer { places in
            var memory = unsafe host_memory(
                stack: copy.baseAddress, stack_start: registers[7] &- UInt64(STACK_COPY_BELOW),
                stack_length: UInt64(copy.count), segments: places.baseAddress,
                segment_count: UInt32(places.count))
            return unsafe walk_stack_copy(&memory, registers, process, 1, &hash, frames, &count)
        }
        precondition(stop < STOP_REASON_COUNT.rawValue && count <= UInt32(MAX_USER_FRAMES))
    }
}
