/// Byte strings one after another in one array, by number.
struct PackedEntries {
    private var bytes: [UInt8] = []
    /// Where each entry ends in `bytes`.
    private var ends: [Int] = []

    var count: Int { ends.count }

    /// Memory held, in bytes.
    var footprint: Int { bytes.capacity + ends.capacity * MemoryLayout<Int>.stride }

    /// The entry's bytes. `id` must be below `count`.
    subscript(_ id: Int) -> ArraySlice<UInt8> {
        bytes[(id == 0 ? 0 : ends[id - 1])..<ends[id]]
    }

    mutating func append(_ entry: some Collection<UInt8>) {
        bytes.append(contentsOf: entry)
        ends.append(bytes.count)
    }
}
