import CSampleABI

/// The memory that unwind tables and process mappings share with their readers: blocks in segments,
/// as `bpf/abi/unwind_abi.h` lays them out. Never larger than its limit.
///
/// A block that was released is used again only after `reclaim` has waited for its readers: one that
/// came too early would give silently wrong frames.
package struct UnwindArena: ~Copyable {
    /// A run of bytes in one segment.
    package struct Block: Hashable, Sendable {
        /// What readers know it by.
        package let reference: UInt32
        /// A multiple of BLOCK_ALIGNMENT.
        package let byteCount: Int
    }

    static let segmentBytes = Int(SEGMENT_BYTES) + Int(SEGMENT_SLACK)
    private static let alignment = Int(BLOCK_ALIGNMENT)

    private struct Segment {
        let contents: UnsafeMutableRawPointer
        var free: FreeRanges
    }

    private let backing: any ArenaBacking
    /// Nil where a segment was given back.
    private var segments: [Segment?] = []
    private var released: [Block] = []
    /// Segments there may be.
    private let segmentLimit: Int
    private var segmentCount = 0
    /// Bytes in blocks that are in use, or wait for their readers.
    package private(set) var usedBytes = 0

    /// - Parameter byteLimit: rounded down to whole segments, at least one.
    package init(backing: any ArenaBacking, byteLimit: Int) {
        self.backing = backing
        segmentLimit = min(max(1, byteLimit / Self.segmentBytes), Int(MAX_SEGMENTS))
    }

    /// What the arena takes of memory now.
    package var byteCount: Int { segmentCount * Self.segmentBytes }
    package var byteLimit: Int { segmentLimit * Self.segmentBytes }
    package var releasedBytes: Int { released.reduce(0) { $0 + $1.byteCount } }

    /// A block with room for `byteCount` bytes, contents undefined. Nil when there is none within the
    /// limit, or it is larger than a segment.
    package mutating func allocate(_ byteCount: Int) -> Block? {
        let length = (max(1, byteCount) + Self.alignment - 1) / Self.alignment * Self.alignment
        guard length <= Int(SEGMENT_BYTES) else { return nil }
        for index in segments.indices {
            if let block = allocate(length, in: index) { return block }
        }
        // Segment 0 has no room for a block as large as a segment; the next one has.
        while segmentCount < segmentLimit, let index = addSegment() {
            if let block = allocate(length, in: index) { return block }
        }
        return nil
    }

    /// Where the block's bytes are.
    package func contents(of block: Block) -> UnsafeMutableRawPointer {
        let index = Int(block.reference) / Int(BLOCKS_PER_SEGMENT)
        let offset = Int(block.reference) % Int(BLOCKS_PER_SEGMENT) * Self.alignment
        guard let segment = segments[index] else {
            preconditionFailure("a block outlived its segment")
        }
        return unsafe segment.contents + offset
    }

    /// Gives a block back that no reader ever knew.
    package mutating func discard(_ block: Block) {
        let index = Int(block.reference) / Int(BLOCKS_PER_SEGMENT)
        let offset = Int(block.reference) % Int(BLOCKS_PER_SEGMENT) * Self.alignment
        segments[index]?.free.insert(offset..<offset + block.byteCount)
        usedBytes -= block.byteCount
    }

    /// Gives a block back; its bytes stay as they are until `reclaim`.
    package mutating func release(_ block: Block) { released.append(block) }

    /// Makes released blocks usable, and gives segments back that are empty. Waits for readers if
    /// there is anything to do.
    package mutating func reclaim() {
        guard !released.isEmpty else { return }
        backing.waitForReaders()
        for block in released { discard(block) }
        released = []
        // The last one stays: the next process would want it at once.
        for index in segments.indices where segmentCount > 1 && isEmpty(index) {
            segments[index] = nil
            segmentCount -= 1
            backing.removeSegment(index)
        }
    }

    /// Every segment's bytes in the order of their numbers, as the host's walk wants them.
    var segmentPointers: [UnsafeMutableRawPointer?] { unsafe segments.map { unsafe $0?.contents } }

    /// The number a segment behind all of them would have.
    var segmentCountForWalks: Int { segments.count }

    private func isEmpty(_ index: Int) -> Bool {
        segments[index]?.free.total == Int(SEGMENT_BYTES) - (index == 0 ? Self.alignment : 0)
    }

    private mutating func allocate(_ length: Int, in index: Int) -> Block? {
        guard let offset = segments[index]?.free.take(length) else { return nil }
        usedBytes += length
        return Block(
            reference: UInt32(index * Int(BLOCKS_PER_SEGMENT) + offset / Self.alignment),
            byteCount: length)
    }

    private mutating func addSegment() -> Int? {
        let index = segments.firstIndex { $0 == nil } ?? segments.count
        guard let contents = unsafe try? backing.makeSegment(index) else { return nil }
        // The first block of all is NO_BLOCK.
        let free = FreeRanges((index == 0 ? Self.alignment : 0)..<Int(SEGMENT_BYTES))
        let segment = unsafe Segment(contents: contents, free: free)
        if index < segments.count { segments[index] = segment } else { segments.append(segment) }
        segmentCount += 1
        return index
    }
}
