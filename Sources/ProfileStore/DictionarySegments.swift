import ByteReading

/// How a service's dictionary lies in the partition file: segments, each holding what came after
/// the one before, so that a write adds a small blob instead of rewriting a large one.
///
///     version 1, flags, payload bytes unpacked; payload (flag 1: a zstd frame with checksum):
///     names, locations and stacks there were before; names, locations, stacks here; then each
///
/// A name is counted bytes, a location counted bytes, a stack the number of locations it shares
/// with the one before from the root on, and the rest. New stacks of one write are sorted before they
/// are numbered, so most of a stack is shared.
extension DictionaryContent {
    private static let version: UInt8 = 1
    private static let compressed: UInt8 = 1
    /// A segment this large is left alone; smaller ones at the end are joined as they double.
    private static let fullSegment = 2000

    /// A segment to be written: nil bytes means the row goes.
    typealias SegmentRow = (number: Int, bytes: [UInt8]?)

    /// What must be written so that everything added since `stored` is kept: the new segment, joined
    /// with its small neighbours so that a service has few segments however often it writes.
    mutating func takeSegmentRows(since stored: Mark, codec: borrowing ZstdCodec) -> [SegmentRow] {
        guard mark != stored else { return [] }
        var first = stored
        var number = segments.count
        while number > 0 {
            let size = weight(mark) - weight(first)
            let neighbour = weight(first) - weight(segments[number - 1])
            guard neighbour < size * 2, neighbour < Self.fullSegment else { break }
            number -= 1
            first = segments[number]
        }
        let replaced = number + 1..<max(number + 1, segments.count)
        segments.removeLast(segments.count - number)
        segments.append(first)
        return [(number, encodeSegment(since: first, codec: codec))]
            + replaced.map { ($0, nil) }
    }

    private func weight(_ mark: Mark) -> Int { mark.names + mark.locations + mark.stacks }

    private func encodeSegment(since first: Mark, codec: borrowing ZstdCodec) -> [UInt8] {
        var payload: [UInt8] = []
        let last = mark
        for count in [
            first.names, first.locations, first.stacks, last.names - first.names,
            last.locations - first.locations, last.stacks - first.stacks,
        ] { payload.appendVarint(count) }
        for id in first.names..<last.names { payload.appendCounted(names[id]) }
        for id in first.locations..<last.locations { payload.appendCounted(locations[id]) }
        var previous: [Int] = []
        for id in first.stacks..<last.stacks {
            let stack: [Int] = locationNumbers(ofStack: id).reversed()
            let shared = zip(previous, stack).prefix { $0 == $1 }.count
            payload.appendVarint(shared)
            payload.appendVarint(stack.count - shared)
            for location in stack[shared...] { payload.appendVarint(location) }
            previous = stack
        }
        let packed = codec.compress(payload, checksum: true)
        var bytes: [UInt8] = [Self.version, packed == nil ? 0 : Self.compressed]
        bytes.appendVarint(payload.count)
        return bytes + (packed ?? payload)
    }

    /// Adds a stored segment; they must come in order.
    mutating func append(segment: RawSpan, codec: borrowing ZstdCodec) throws(StoreError) {
        do {
            var reader = ByteReader(segment)
            guard try reader.read(UInt8.self) == Self.version else {
                throw StoreError(.corrupt, "unknown version")
            }
            let isCompressed = try reader.read(UInt8.self) & Self.compressed != 0
            let size = try reader.readULEB128()
            let rest = try reader.readBytes(UInt64(reader.remaining))
            guard isCompressed else { return try append(payload: rest) }
            guard size <= UInt64(ZstdCodec.expandedLimit),
                let payload = codec.expand(rest, size: Int(size))
            else { throw StoreError(.corrupt, "it does not unpack") }
            try append(payload: payload.span.bytes)
        } catch {
            throw StoreError(.corrupt, "a dictionary segment is damaged: \(error)")
        }
    }

    private mutating func append(payload: RawSpan) throws {
        var reader = ByteReader(payload)
        let begin = mark
        for count in [begin.names, begin.locations, begin.stacks] {
            guard try reader.readULEB128() == UInt64(count) else {
                throw StoreError(.corrupt, "it does not follow the one before")
            }
        }
        let newNames = try reader.readCount()
        let newLocations = try reader.readCount()
        let newStacks = try reader.readCount()
        for _ in 0..<newNames { _ = intern(name: try reader.readCounted()) }
        for _ in 0..<newLocations {
            guard append(storedLocation: try reader.readCounted()) else {
                throw StoreError(.corrupt, "a location is not what was written")
            }
        }
        try appendStacks(newStacks, from: &reader)
        guard
            mark
                == Mark(
                    names: begin.names + newNames, locations: begin.locations + newLocations,
                    stacks: begin.stacks + newStacks)
        else { throw StoreError(.corrupt, "an entry is there twice") }
        segments.append(begin)
    }

    private mutating func appendStacks(_ count: Int, from reader: inout ByteReader) throws {
        var stack: [UInt64] = []
        for _ in 0..<count {
            let shared = try reader.readULEB128()
            let rest = try reader.readCount()
            guard shared <= UInt64(stack.count) else {
                throw StoreError(.corrupt, "a stack shares more than there is")
            }
            stack.removeLast(stack.count - Int(shared))
            for _ in 0..<rest {
                let location = try reader.readULEB128()
                guard location < UInt64(locations.count) else {
                    throw StoreError(.corrupt, "a stack names an unknown location")
                }
                stack.append(location)
            }
            var bytes: [UInt8] = []
            for location in stack { bytes.appendVarint(location) }
            let before = stacks.count
            guard intern(stack: bytes) == before else {
                throw StoreError(.corrupt, "a stack is there twice")
            }
        }
    }
}
