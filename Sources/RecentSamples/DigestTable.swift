/// Numbers of things that are somewhere else by now: densely in first-seen order, by 64 bits of hash.
///
/// 16 to 32 bytes each. The hash is Swift's, seeded anew in every process: nobody can choose a
/// collision, and by chance there is one among 100,000 things once in 3 × 10^9 times.
struct DigestTable: Sendable {
    private(set) var count = 0
    /// 0 is free; linear probing. The count is a power of two.
    private var digests: [UInt64] = Array(repeating: 0, count: 64)
    /// The number of the digest in the same place.
    private var numbers: [UInt32] = Array(repeating: 0, count: 64)

    /// Memory held, in bytes.
    var footprint: Int {
        digests.capacity * MemoryLayout<UInt64>.stride
            + numbers.capacity * MemoryLayout<UInt32>.stride
    }

    /// The number of an equal thing, and whether it was given just now.
    mutating func intern(_ thing: some Hashable) -> (number: Int, isNew: Bool) {
        var hasher = Hasher()
        hasher.combine(thing)
        let digest = max(1, UInt64(truncatingIfNeeded: hasher.finalize()))
        let slot = slot(of: digest)
        guard digests[slot] == 0 else { return (Int(numbers[slot]), false) }
        digests[slot] = digest
        numbers[slot] = UInt32(truncatingIfNeeded: count)
        count += 1
        if count * 4 > digests.count * 3 { grow() }
        return (count - 1, true)
    }

    /// Where the digest is, or where it would go.
    private func slot(of digest: UInt64) -> Int {
        let mask = digests.count - 1
        var slot = Int(truncatingIfNeeded: digest) & mask
        while digests[slot] != 0 && digests[slot] != digest { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let old = zip(digests, numbers)
        let size = digests.count * 2
        digests = Array(repeating: 0, count: size)
        numbers = Array(repeating: 0, count: size)
        for (digest, number) in old where digest != 0 {
            let slot = slot(of: digest)
            digests[slot] = digest
            numbers[slot] = number
        }
    }
}
