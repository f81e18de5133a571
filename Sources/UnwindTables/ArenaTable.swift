import CSampleABI
import ProfileModel
import Unwinding

/// An unwind table in the arena.
struct ArenaTable {
    let directory: UnwindArena.Block
    /// Its rows and rules.
    private let parts: [UnwindArena.Block]
    let baseAddress: ImageAddress
    let byteCount: Int

    /// Copies a table into the arena; nil, and nothing changed, when there is no room.
    init?(_ table: UnwindTable, in arena: inout UnwindArena) {
        var blocks: [UnwindArena.Block] = []
        guard
            let pages = Self.copyRows(of: table, to: &blocks, in: &arena),
            let rules = Self.copy(table.rules, to: &blocks, in: &arena),
            let directory = arena.allocate(
                MemoryLayout<unwind_directory>.size
                    + pages.count * MemoryLayout<unwind_page>.stride)
        else {
            for block in blocks { arena.discard(block) }
            return nil
        }
        let head = unwind_directory(
            last_used: 0, page_count: UInt32(pages.count), rules: rules.reference,
            rule_count: UInt32(table.rules.count))
        let place = unsafe arena.contents(of: directory)
        unsafe place.storeBytes(of: head, as: unwind_directory.self)
        unsafe (place + MemoryLayout<unwind_directory>.size).copy(pages)
        self.directory = directory
        parts = blocks
        baseAddress = table.baseAddress
        byteCount = blocks.reduce(directory.byteCount) { $0 + $1.byteCount }
    }

    /// When a reader last looked into it, in units of 2^USED_SHIFT ns of CLOCK_MONOTONIC.
    func lastUsed(in arena: borrowing UnwindArena) -> UInt32 {
        unsafe arena.contents(of: directory).load(as: unwind_directory.self).last_used
    }

    /// Gives everything back. No process's mappings may refer to it any more.
    func release(in arena: inout UnwindArena) {
        arena.release(directory)
        for block in parts { arena.release(block) }
    }

    private static func copyRows(
        of table: UnwindTable, to blocks: inout [UnwindArena.Block], in arena: inout UnwindArena
    ) -> [unwind_page]? {
        var pages: [unwind_page] = []
        pages.reserveCapacity(table.pages.count)
        for range in table.pages {
            guard !range.isEmpty else {
                pages.append(unwind_page(rows: UInt32(NO_BLOCK), count: 0))
                continue
            }
            guard let block = copy(table.rows[range], to: &blocks, in: &arena) else { return nil }
            pages.append(unwind_page(rows: block.reference, count: UInt32(range.count)))
        }
        return pages
    }

    private static func copy<Elements: Collection>(
        _ elements: Elements, to blocks: inout [UnwindArena.Block], in arena: inout UnwindArena
    ) -> UnwindArena.Block? where Elements.Element: BitwiseCopyable {
        let stride = MemoryLayout<Elements.Element>.stride
        guard let block = arena.allocate(elements.count * stride) else { return nil }
        blocks.append(block)
        let place = unsafe arena.contents(of: block)
        unsafe place.copy(elements)
        return block
    }
}

extension UnsafeMutableRawPointer {
    /// Writes the elements of an array or a slice of one, back to back.
    func copy<Elements: Collection>(_ elements: Elements) where Elements.Element: BitwiseCopyable {
        _ = elements.withContiguousStorageIfAvailable { elements in
            let bytes = UnsafeRawBufferPointer(elements)
            let place = unsafe UnsafeMutableRawBufferPointer(start: self, count: bytes.count)
            unsafe place.copyMemory(from: bytes)
        }
    }
}
