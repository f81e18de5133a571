import ProfileModel

/// The numbers that one dictionary's stacks have in another, which gets those it lacks.
struct StackTranslation {
    /// A service's stacks and what their locations refer to.
    struct Source {
        let content: DictionaryContent
        let symbols: SymbolContent
    }

    /// By the source's number.
    private var numbers: [UInt32: UInt32] = [:]

    /// New stacks are numbered in the order of their locations, which makes segments small.
    init(
        of stacks: [UInt32], from source: Source, to target: inout DictionaryContent,
        _ symbols: inout SymbolContent
    ) {
        var locations = Locations(source)
        var missing: [(path: [Int], stack: UInt32)] = []
        var bytes: [UInt8] = []
        for stack in stacks where numbers[stack] == nil {
            let path = Array(source.content.locationNumbers(ofStack: Int(stack)).reversed())
            let known =
                locations.encode(path, in: target, &symbols, into: &bytes)
                ? target.find(stack: bytes.span) : nil
            numbers[stack] = known.map { UInt32(truncatingIfNeeded: $0) } ?? 0
            if known == nil { missing.append((path, stack)) }
        }
        missing.sort { $0.path.lexicographicallyPrecedes($1.path) }
        for (path, stack) in missing {
            locations.add(path, to: &target, &symbols, into: &bytes)
            numbers[stack] = UInt32(truncatingIfNeeded: target.intern(stack: bytes.span))
        }
    }

    /// Renumbers pairs, ascending again.
    func apply(to pairs: inout [ProfileBlob.Pair]) {
        for index in pairs.indices { pairs[index].stack = numbers[pairs[index].stack] ?? 0 }
        pairs = ProfileBlob.Pair.distinct(pairs)
    }

    /// The source's locations in the target.
    private struct Locations {
        private let source: Source
        /// By the source's number; -1 not looked up yet, -2 not there.
        private var numbers: [Int]
        private var packed: [UInt8] = []

        init(_ source: Source) {
            self.source = source
            numbers = Array(repeating: -1, count: source.content.locations.count)
        }

        /// Writes a path in the target's numbers; false when the target lacks one.
        mutating func encode(
            _ path: [Int], in target: DictionaryContent, _ symbols: inout SymbolContent,
            into bytes: inout [UInt8]
        ) -> Bool {
            bytes.removeAll(keepingCapacity: true)
            var isKnown = true
            for location in path {
                if numbers[location] == -1 {
                    pack(location, &symbols)
                    numbers[location] = target.find(location: packed.span) ?? -2
                }
                if numbers[location] < 0 {
                    isKnown = false
                } else if isKnown {
                    bytes.appendVarint(numbers[location])
                }
            }
            return isKnown
        }

        /// As `encode`, what the target lacks being added.
        mutating func add(
            _ path: [Int], to target: inout DictionaryContent, _ symbols: inout SymbolContent,
            into bytes: inout [UInt8]
        ) {
            bytes.removeAll(keepingCapacity: true)
            for location in path {
                if numbers[location] < 0 {
                    pack(location, &symbols)
                    numbers[location] = target.intern(location: packed.span)
                }
                bytes.appendVarint(numbers[location])
            }
        }

        /// Stored locations were decoded when they were read, so the source knows all its numbers;
        /// should one be damaged all the same, it stays in the answers as a frame without a name.
        private mutating func pack(_ location: Int, _ symbols: inout SymbolContent) {
            let known =
                source.content.location(location, source.symbols)
                ?? Location(unnamed: ImageAddress(0), kind: .native, module: "")
            PackedLocation.encode(known, symbols: &symbols, into: &packed)
        }
    }
}
