import ByteReading

/// How far a dictionary had grown: what each kind of entry counted.
protocol SegmentMark: Equatable {
    /// Nothing yet.
    init()
    /// How much there is, in entries of any kind.
    var weight: Int { get }
}

/// A dictionary that lies in a partition file as segments, each holding what came after the one
/// before, so that a write adds a small blob instead of rewriting a large one.
///
///     version 2, flags, payload bytes unpacked; payload (flag 1: a zstd frame with checksum)
protocol SegmentedContent {
    associatedtype Mark: SegmentMark

    /// An empty one.
    init()
    /// How far it has grown.
    var mark: Mark { get }
    /// Memory held, in bytes.
    var footprint: Int { get }
    /// Where each stored segment begins, in order; changed by the extension below alone.
    var segments: [Mark] { get set }

    /// What came after `first`.
    func payload(since first: Mark) -> [UInt8]
    /// Adds what `payload(since:)` gave; throws, never traps, whatever the bytes are.
    mutating func append(payload: RawSpan) throws
}

/// A segment to be written: nil bytes means the row goes.
struct SegmentRow {
    let number: Int
    let bytes: [UInt8]?
}

extension SegmentedContent {
    private static var version: UInt8 { 2 }
    private static var compressed: UInt8 { 1 }
    /// A segment this large is left alone; smaller ones at the end are joined as they double.
    private static var fullSegment: Int { 2000 }

    /// What must be written so that everything added since `stored` is kept: the new segment, joined
    /// with its small neighbours so that there are few segments however often a dictionary grows.
    mutating func takeSegmentRows(since stored: Mark, codec: borrowing ZstdCodec) -> [SegmentRow] {
        guard mark != stored else { return [] }
        var first = stored
        var number = segments.count
        while number > 0 {
            let size = mark.weight - first.weight
            let neighbour = first.weight - segments[number - 1].weight
            guard neighbour < size * 2, neighbour < Self.fullSegment else { break }
            number -= 1
            first = segments[number]
        }
        let replaced = number + 1..<max(number + 1, segments.count)
        segments.removeLast(segments.count - number)
        segments.append(first)
        return [SegmentRow(number: number, bytes: segment(since: first, codec: codec))]
            + replaced.map { SegmentRow(number: $0, bytes: nil) }
    }

    private func segment(since first: Mark, codec: borrowing ZstdCodec) -> [UInt8] {
        let payload = payload(since: first)
        // Small segments are soon joined with the next; large ones stay, and are worth the time.
        let packed = codec.compress(payload, checksum: true, level: payload.count < 16_384 ? 1 : 9)
        var bytes: [UInt8] = [Self.version, packed == nil ? 0 : Self.compressed]
        bytes.appendVarint(payload.count)
        return bytes + (packed ?? payload)
    }

    /// Adds a stored segment; they must come in order.
    mutating func append(segment: RawSpan, codec: borrowing ZstdCodec) throws(StoreError) {
        let begin = mark
        do {
            var reader = ByteReader(segment)
            guard try reader.read(UInt8.self) == Self.version else {
                throw StoreError(.corrupt, "unknown version")
            }
            let isCompressed = try reader.read(UInt8.self) & Self.compressed != 0
            let size = try reader.readULEB128()
            let rest = try reader.readBytes(UInt64(reader.remaining))
            if isCompressed {
                guard size <= UInt64(ZstdCodec.expandedLimit),
                    let payload = codec.expand(rest, size: Int(size))
                else { throw StoreError(.corrupt, "it does not unpack") }
                try append(payload: payload.span.bytes)
            } else {
                try append(payload: rest)
            }
        } catch {
            throw StoreError(.corrupt, "a dictionary segment is damaged: \(error)")
        }
        segments.append(begin)
    }
}
