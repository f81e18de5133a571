import ProfileModel

/// 128 bits that stand for a location, so that one hash per batch serves every service's dictionary.
///
/// Made with Swift's hasher, seeded anew in every process: nobody can choose a collision, and by
/// chance one is 10^-26 likely among a million locations. Never stored.
struct LocationDigest: Hashable {
    let bytes: [UInt8]

    init(_ location: Location) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        for lane in [UInt8(0), 1] {
            var hasher = Hasher()
            hasher.combine(lane)
            hasher.combine(location)
            var word = UInt64(truncatingIfNeeded: hasher.finalize())
            for _ in 0..<8 {
                bytes.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
        }
        self.bytes = bytes
    }
}
