/// Where the arena's segments live, and who else reads them. Confined to one thread.
package protocol ArenaBacking: AnyObject {
    /// Makes segment `index`: `SEGMENT_BYTES + SEGMENT_SLACK` zeroed bytes, valid until it is removed.
    func makeSegment(_ index: Int) throws -> UnsafeMutableRawPointer
    /// Nobody refers to the segment any more.
    func removeSegment(_ index: Int)
    /// Lets readers see the segments that were made since the last call, and lets go of the memory of
    /// those that were removed. Some 10 ms, however many they are; nothing when there are none. Call it
    /// before `setProcess`.
    func commit() throws
    /// From now on readers find the process's mappings in this block.
    func setProcess(_ tgid: UInt32, to block: UInt32) throws
    /// From now on readers do not know the process.
    func removeProcess(_ tgid: UInt32)
    /// Waits until no reader uses anything that was taken away before the call.
    func waitForReaders()
}

/// An arena nobody else reads: for walks in user space alone.
package final class LocalBacking: ArenaBacking {
    private var segments: [Int: UnsafeMutableRawPointer] = [:]
    /// What readers would find.
    package private(set) var processes: [UInt32: UInt32] = [:]

    package init() {}

    deinit { for segment in unsafe segments.values { unsafe segment.deallocate() } }

    package func makeSegment(_ index: Int) -> UnsafeMutableRawPointer {
        let segment = UnsafeMutableRawPointer.allocate(
            byteCount: UnwindArena.segmentBytes, alignment: 4096)
        unsafe segment.initializeMemory(
            as: UInt8.self, repeating: 0, count: UnwindArena.segmentBytes)
        segments[index] = unsafe segment
        return unsafe segment
    }

    package func removeSegment(_ index: Int) {
        unsafe segments.removeValue(forKey: index)?.deallocate()
    }

    package func commit() {}
    package func setProcess(_ tgid: UInt32, to block: UInt32) { processes[tgid] = block }
    package func removeProcess(_ tgid: UInt32) { processes[tgid] = nil }
    package func waitForReaders() {}
}
