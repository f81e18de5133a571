import Glibc

/// Byte strings one after another in one array, by number.
struct PackedEntries {
    private var bytes: [UInt8] = []
    /// Where each entry ends in `bytes`. No dictionary comes near 4 GiB: blobs of it would not unpack.
    private var ends: [UInt32] = []

    var count: Int { ends.count }

    /// Memory held, in bytes.
    var footprint: Int { bytes.capacity + ends.capacity * MemoryLayout<UInt32>.stride }

    /// The entry's bytes. `id` must be below `count`.
    subscript(_ id: Int) -> ArraySlice<UInt8> { bytes[range(id)] }

    private func range(_ id: Int) -> Range<Int> {
        (id == 0 ? 0 : Int(ends[id - 1]))..<Int(ends[id])
    }

    mutating func append(_ entry: Span<UInt8>) {
        unsafe entry.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        ends.append(UInt32(bytes.count))
    }

    /// Whether the entry's bytes are these.
    func isEqual(_ id: Int, to other: Span<UInt8>) -> Bool {
        let range = range(id)
        guard range.count == other.count else { return false }
        // Safe because both buffers have `other.count` bytes and are only read.
        return unsafe bytes.withUnsafeBufferPointer { mine in
            unsafe other.withUnsafeBufferPointer { other in
                guard let start = mine.baseAddress, let theirs = other.baseAddress else {
                    return true
                }
                return unsafe memcmp(start + range.lowerBound, theirs, range.count) == 0
            }
        }
    }
}
