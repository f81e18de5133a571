/// Distinct byte strings, numbered densely in first-seen order.
///
/// The hash table holds only numbers: about 15 bytes per entry beside its content, where a
/// `Dictionary` of arrays takes over 100. The hash is Swift's, seeded anew in every process, so that
/// a sender cannot choose colliding entries.
struct ByteTable {
    private(set) var entries = PackedEntries()
    /// Entry number + 1 by hash, linear probing; 0 is free. The count is a power of two.
    private var slots: [UInt32] = Array(repeating: 0, count: 16)

    var count: Int { entries.count }

    /// Memory held, in bytes.
    var footprint: Int {
        entries.footprint + slots.capacity * MemoryLayout<UInt32>.stride
    }

    /// The entry's bytes. `id` must be below `count`.
    subscript(_ id: Int) -> ArraySlice<UInt8> { entries[id] }

    /// The number of an equal entry, or nil.
    func find(_ entry: [UInt8]) -> Int? {
        let held = slots[slot(of: entry[...])]
        return held == 0 ? nil : Int(held) - 1
    }

    /// The number of an equal entry, added when it is new.
    mutating func intern(_ entry: [UInt8]) -> Int {
        let slot = slot(of: entry[...])
        if slots[slot] != 0 { return Int(slots[slot]) - 1 }
        entries.append(entry)
        slots[slot] = UInt32(truncatingIfNeeded: count)
        if count * 3 > slots.count * 2 { grow() }
        return count - 1
    }

    /// Where the entry is, or where it would go.
    private func slot(of entry: ArraySlice<UInt8>) -> Int {
        let mask = slots.count - 1
        var slot = Self.hash(entry) & mask
        while slots[slot] != 0 {
            if entries[Int(slots[slot]) - 1] == entry { return slot }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private mutating func grow() {
        let mask = slots.count * 2 - 1
        var larger = [UInt32](repeating: 0, count: slots.count * 2)
        for id in 0..<count {
            var slot = Self.hash(entries[id]) & mask
            while larger[slot] != 0 { slot = (slot + 1) & mask }
            larger[slot] = UInt32(truncatingIfNeeded: id + 1)
        }
        slots = larger
    }

    private static func hash(_ entry: ArraySlice<UInt8>) -> Int {
        var hasher = Hasher()
        // Safe because the buffer is only read, inside the closure.
        unsafe entry.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}
