import CSampleABI
import CStackWalk
import ProfileModel

/// The walk of `bpf/lib`, in user space over a stack copy.
enum StackWalk {
    struct Result {
        /// Leaf first.
        var frames: [UInt64]
        var stop: StopReason
        var hash: UInt64
    }

    /// - Parameters:
    ///   - segments: the arena's, in order.
    ///   - process: the block of the process's mappings; `NO_BLOCK` goes by frame pointers alone.
    ///   - hash: over the kernel frames.
    static func walk(
        _ copy: StackCopy, segments: [UnsafeMutableRawPointer?], process: UInt32, used: UInt32,
        hash: UInt64
    ) -> Result {
        guard copy.registers.count == Int(REGISTER_COUNT) else {
            return Result(frames: [], stop: .stackUnreadable, hash: hash)
        }
        var count: UInt32 = 0
        var stop: UInt32 = 0
        var total = hash
        let frames = unsafe [UInt64](unsafeUninitializedCapacity: Int(MAX_USER_FRAMES)) {
            buffer, filled in
            unsafe copy.bytes.withUnsafeBufferPointer { stack in
                unsafe segments.withUnsafeBufferPointer { segments in
                    var memory = unsafe host_memory(
                        stack: stack.baseAddress, stack_start: copy.start.value,
                        stack_length: UInt64(stack.count), segments: segments.baseAddress,
                        segment_count: UInt32(segments.count))
                    stop = unsafe walk_stack_copy(
                        &memory, copy.registers, process, used, &total, buffer.baseAddress, &count)
                }
            }
            filled = Int(count)
        }
        var reason = StopReason(rawValue: stop)
        // What was there is not known: only that it was not copied.
        if reason == .stackUnreadable, !copy.bytes.isEmpty { reason = .copyEnded }
        return Result(frames: frames, stop: reason, hash: total)
    }
}
