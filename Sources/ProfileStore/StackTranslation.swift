import ProfileModel

/// The numbers that one dictionary's stacks have in another, which gets those it lacks.
struct StackTranslation {
    /// By the source's number.
    private var numbers: [UInt32: UInt32] = [:]

    /// New stacks are numbered in the order of their locations, which makes segments small.
    init(of stacks: [UInt32], from source: DictionaryContent, to target: inout DictionaryContent) {
        var locations = [Int](repeating: -1, count: source.locations.count)
        var missing: [(path: [Int], stack: UInt32)] = []
        var bytes: [UInt8] = []
        for stack in stacks where numbers[stack] == nil {
            var path: [Int] = []
            for number in source.locationNumbers(ofStack: Int(stack)).reversed() {
                if locations[number] < 0 {
                    locations[number] = Self.number(of: number, from: source, in: &target)
                }
                path.append(locations[number])
            }
            Self.encode(path, into: &bytes)
            if let known = target.find(stack: bytes) {
                numbers[stack] = UInt32(truncatingIfNeeded: known)
            } else {
                numbers[stack] = 0
                missing.append((path, stack))
            }
        }
        missing.sort { $0.path.lexicographicallyPrecedes($1.path) }
        for (path, stack) in missing {
            Self.encode(path, into: &bytes)
            numbers[stack] = UInt32(truncatingIfNeeded: target.intern(stack: bytes))
        }
    }

    /// Stored locations were decoded when they were read, so `source` knows all its numbers; should
    /// one be damaged all the same, it stays in the answers as a frame without a name.
    private static func number(
        of location: Int, from source: DictionaryContent, in target: inout DictionaryContent
    ) -> Int {
        let known =
            source.location(location)
            ?? Location(unnamed: ImageAddress(0), kind: .native, module: "")
        return target.intern(known, digest: LocationDigest(known))
    }

    private static func encode(_ path: [Int], into bytes: inout [UInt8]) {
        bytes.removeAll(keepingCapacity: true)
        for number in path { bytes.appendVarint(number) }
    }

    /// Renumbers pairs, ascending again.
    func apply(to pairs: inout [ProfileBlob.Pair]) {
        for index in pairs.indices { pairs[index].stack = numbers[pairs[index].stack] ?? 0 }
        pairs = ProfileBlob.Pair.distinct(pairs)
    }
}
