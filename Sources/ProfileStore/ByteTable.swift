/// Distinct byte strings, numbered densely in first-seen order.
///
/// The hash table holds numbers and half a hash: about 15 bytes per entry beside its content, where a
/// `Dictionary` of arrays takes over 100.
package struct ByteTable: Sendable {
    private(set) var entries = PackedEntries()
    /// Entry number + 1 and, above it, 32 bits of its hash; linear probing; 0 is free. The count is a
    /// power of two.
    private var slots: [UInt64] = Array(repeating: 0, count: 16)

    package init() {}

    package var count: Int { entries.count }

    /// Memory held, in bytes.
    package var footprint: Int { entries.footprint + slots.capacity * MemoryLayout<UInt64>.stride }

    /// The entry's bytes. `id` must be below `count`.
    package subscript(_ id: Int) -> ArraySlice<UInt8> { entries[id] }

    /// The number of an equal entry, or nil.
    package func find(_ entry: Span<UInt8>) -> Int? {
        let held = slots[slot(of: entry, tag: Self.tag(of: entry))]
        return held == 0 ? nil : Self.number(held)
    }

    /// The number of an equal entry, added when it is new.
    package mutating func intern(_ entry: Span<UInt8>) -> Int {
        let tag = Self.tag(of: entry)
        let slot = slot(of: entry, tag: tag)
        if slots[slot] != 0 { return Self.number(slots[slot]) }
        entries.append(entry)
        slots[slot] = tag << 32 | UInt64(count)
        if count * 3 > slots.count * 2 { grow() }
        return count - 1
    }

    /// As `intern(_:)` of its bytes.
    package mutating func intern(_ entry: [UInt8]) -> Int { intern(entry.span) }

    private static func number(_ held: UInt64) -> Int { Int(held & 0xffff_ffff) - 1 }

    private static func tag(of entry: Span<UInt8>) -> UInt64 { SeededHash.value(of: entry) >> 32 }

    /// Where the entry is, or where it would go.
    private func slot(of entry: Span<UInt8>, tag: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(tag) & mask
        while slots[slot] != 0 {
            let held = slots[slot]
            if held >> 32 == tag, entries.isEqual(Self.number(held), to: entry) { return slot }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private mutating func grow() {
        let mask = slots.count * 2 - 1
        var larger = [UInt64](repeating: 0, count: slots.count * 2)
        for held in slots where held != 0 {
            var slot = Int(held >> 32) & mask
            while larger[slot] != 0 { slot = (slot + 1) & mask }
            larger[slot] = held
        }
        slots = larger
    }
}
