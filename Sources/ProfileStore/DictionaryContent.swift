import ByteReading
import ProfileModel

/// The locations and stacks of one service in one partition, numbered densely in first-seen order.
///
/// Everything lies packed: a location's numbers, a stack's location numbers root first. Functions and
/// images are numbers of the partition's `SymbolContent`. `Location` values are made only for what a
/// query answers.
struct DictionaryContent: SegmentedContent {
    /// How many of each there are, or were when a segment began.
    struct Mark: SegmentMark {
        var locations = 0
        var stacks = 0

        var weight: Int { locations + stacks }
    }

    /// What each location is, as `PackedLocation` wrote it.
    private(set) var locations = ByteTable()
    /// Location numbers as LEB128, root first.
    private(set) var stacks = ByteTable()
    var segments: [Mark] = []

    var mark: Mark { Mark(locations: locations.count, stacks: stacks.count) }

    /// Memory held, in bytes.
    var footprint: Int { locations.footprint + stacks.footprint }

    // MARK: Adding

    /// The number of a location given as `PackedLocation` bytes, or nil.
    func find(location: Span<UInt8>) -> Int? { locations.find(location) }

    /// As `find(location:)`, added when it is new.
    mutating func intern(location: Span<UInt8>) -> Int { locations.intern(location) }

    /// The number of a stack given as location numbers in LEB128, root first, or nil.
    func find(stack: Span<UInt8>) -> Int? { stacks.find(stack) }

    /// As `find(stack:)`, added when it is new.
    mutating func intern(stack: Span<UInt8>) -> Int { stacks.intern(stack) }

    // MARK: Reading

    /// Nil when what is stored is damaged.
    func location(_ id: Int, _ symbols: SymbolContent) -> Location? {
        guard id < locations.count else { return nil }
        return PackedLocation.decode(locations[id].span.bytes, symbols)
    }

    /// A stack's location numbers, leaf first.
    func locationNumbers(ofStack id: Int) -> [Int] {
        var numbers: [Int] = []
        var value = 0
        var shift = 0
        for byte in stacks[id] {
            value |= Int(byte & 0x7f) << shift
            shift += 7
            if byte < 0x80 {
                numbers.append(value)
                (value, shift) = (0, 0)
            }
        }
        numbers.reverse()
        return numbers
    }

    // MARK: Segments

    /// Locations and stacks there were before; how many are here; each location, counted bytes; each
    /// stack as the number of locations it shares with the one before from the root on, and the rest.
    ///
    /// A location is 0 when it is the next that no stack here had before, else its number + 1. New
    /// stacks of one write are sorted, and their locations numbered in that order, so most of a stack
    /// is shared and most of the rest is 0.
    func payload(since first: Mark) -> [UInt8] {
        var bytes: [UInt8] = []
        let last = mark
        for count in [
            first.locations, first.stacks, last.locations - first.locations,
            last.stacks - first.stacks,
        ] { bytes.appendVarint(count) }
        for id in first.locations..<last.locations { bytes.appendCounted(locations[id]) }
        var previous: [Int] = []
        var fresh = first.locations
        for id in first.stacks..<last.stacks {
            let stack: [Int] = locationNumbers(ofStack: id).reversed()
            let shared = zip(previous, stack).prefix { $0 == $1 }.count
            bytes.appendVarint(shared)
            bytes.appendVarint(stack.count - shared)
            for location in stack[shared...] {
                if location == fresh {
                    bytes.append(0)
                    fresh += 1
                } else {
                    bytes.appendVarint(location + 1)
                }
            }
            previous = stack
        }
        return bytes
    }

    mutating func append(payload: RawSpan) throws {
        var reader = ByteReader(payload)
        let begin = mark
        for count in [begin.locations, begin.stacks] {
            guard try reader.readULEB128() == UInt64(count) else {
                throw StoreError(.corrupt, "it does not follow the one before")
            }
        }
        let (newLocations, newStacks) = (try reader.readCount(), try reader.readCount())
        for _ in 0..<newLocations {
            let before = locations.count
            guard locations.intern(try reader.readCounted()) == before else {
                throw StoreError(.corrupt, "a location is there twice")
            }
        }
        try appendStacks(newStacks, from: &reader, firstFresh: begin.locations)
    }

    private mutating func appendStacks(
        _ count: Int, from reader: inout ByteReader, firstFresh: Int
    ) throws {
        var stack: [UInt64] = []
        var fresh = UInt64(firstFresh)
        var bytes: [UInt8] = []
        for _ in 0..<count {
            let shared = try reader.readULEB128()
            let rest = try reader.readCount()
            guard shared <= UInt64(stack.count) else {
                throw StoreError(.corrupt, "a stack shares more than there is")
            }
            stack.removeLast(stack.count - Int(shared))
            for _ in 0..<rest {
                var location = try reader.readULEB128()
                if location == 0 {
                    location = fresh
                    fresh += 1
                } else {
                    location -= 1
                }
                guard location < UInt64(locations.count) else {
                    throw StoreError(.corrupt, "a stack names an unknown location")
                }
                stack.append(location)
            }
            bytes.removeAll(keepingCapacity: true)
            for location in stack { bytes.appendVarint(location) }
            let before = stacks.count
            guard intern(stack: bytes.span) == before else {
                throw StoreError(.corrupt, "a stack is there twice")
            }
        }
    }
}
