import CSampleABI
import Testing

@testable import UnwindTables

/// Memory nobody but the test looks at, which counts what is asked of it.
final class CountingBacking: ArenaBacking {
    private let local = LocalBacking()
    private(set) var segments: Set<Int> = []
    private(set) var waits = 0

    func makeSegment(_ index: Int) -> UnsafeMutableRawPointer {
        segments.insert(index)
        return local.makeSegment(index)
    }

    func removeSegment(_ index: Int) {
        segments.remove(index)
        local.removeSegment(index)
    }

    func commit() {}
    func setProcess(_ tgid: UInt32, to block: UInt32) { local.setProcess(tgid, to: block) }
    func removeProcess(_ tgid: UInt32) { local.removeProcess(tgid) }
    func waitForReaders() { waits += 1 }
}

@Suite struct UnwindArenaTests {
    private let segment = Int(SEGMENT_BYTES)

    private func arena(_ backing: CountingBacking, segments: Int = 2) -> UnwindArena {
        UnwindArena(backing: backing, byteLimit: segments * UnwindArena.segmentBytes)
    }

    private struct NoRoom: Error {}

    private func allocate(
        _ length: Int, in arena: inout UnwindArena
    ) throws -> UnwindArena.Block {
        guard let block = arena.allocate(length) else { throw NoRoom() }
        return block
    }

    private func hasRoom(_ length: Int, in arena: inout UnwindArena) -> Bool {
        arena.allocate(length) != nil
    }

    @Test
    func `blocks are aligned, apart, inside one segment, and never the block that means none`()
        throws
    {
        let backing = CountingBacking()
        var arena = arena(backing)
        var taken: [Range<Int>] = []
        for length in [1, 16, 17, 1000, segment / 2, segment / 2, 48, segment / 4] {
            let block = try allocate(length, in: &arena)
            #expect(block.reference != UInt32(NO_BLOCK))
            #expect(block.byteCount >= length && block.byteCount % 16 == 0)
            let start = Int(block.reference) * 16
            let range = start..<start + block.byteCount
            #expect(range.lowerBound / segment == (range.upperBound - 1) / segment)
            #expect(!taken.contains { $0.overlaps(range) })
            taken.append(range)
        }
    }

    @Test func `nothing is larger than a segment, and all of it not larger than the limit`() throws
    {
        let backing = CountingBacking()
        var arena = arena(backing)
        let tooLarge = hasRoom(segment + 1, in: &arena)
        #expect(!tooLarge)
        _ = try allocate(segment, in: &arena)  // not the first segment, which has lost one block
        var blocks = 0
        while hasRoom(4096, in: &arena) { blocks += 1 }
        #expect(blocks > 0)
        #expect(backing.segments.count == 2)
        let size = arena.byteCount
        #expect(size == 2 * UnwindArena.segmentBytes)
    }

    @Test func `a released block keeps its bytes until its readers are gone`() throws {
        let backing = CountingBacking()
        var arena = arena(backing, segments: 1)
        let block = try allocate(segment - 16, in: &arena)
        arena.contents(of: block).storeBytes(of: 0x1234, as: UInt32.self)
        arena.release(block)
        let isFree = hasRoom(16, in: &arena)
        #expect(!isFree)
        let kept = arena.contents(of: block).load(as: UInt32.self)
        #expect(kept == 0x1234)
        #expect(backing.waits == 0)
        arena.reclaim()
        #expect(backing.waits == 1)
        let again = try allocate(segment - 16, in: &arena)
        #expect(again.reference == block.reference)
        arena.reclaim()
        #expect(backing.waits == 1, "nothing was released: nobody has to wait")
    }

    @Test func `an empty segment is given back, the last one stays`() throws {
        let backing = CountingBacking()
        var arena = arena(backing)
        let first = try allocate(segment - 16, in: &arena)
        let second = try allocate(segment, in: &arena)
        #expect(backing.segments == [0, 1])
        arena.release(first)
        arena.release(second)
        arena.reclaim()
        #expect(backing.segments.count == 1)
        let used = arena.usedBytes
        #expect(used == 0)
        _ = try allocate(segment / 2, in: &arena)
    }

    @Test func `freed neighbours join`() {
        var free = FreeRanges(0..<100)
        let taken = [free.take(40), free.take(40), free.take(40)]
        #expect(taken == [0, 40, nil])
        free.insert(0..<40)
        free.insert(40..<80)
        #expect(free.total == 100)
        let all = free.take(100)
        #expect(all == 0)
    }
}
