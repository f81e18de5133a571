import ProfileModel
import ProfileStore

/// The functions, images, locations and stacks of a chapter, in little memory: of what was written only
/// digests and numbers stay.
///
/// A function, image or location is written once, in the part that brings it, and has one number in the
/// whole chapter. Stacks are lists of location numbers, numbered anew in each part: too many of them
/// come once and never again.
struct ChapterDictionary: Sendable {
    /// What a part brings of each, by number.
    struct News: Equatable, Sendable {
        var functions: Range<Int>
        var images: Range<Int>
        var locations: Range<Int>
    }

    private var functions = DigestTable()
    /// Module and build ID, counted bytes: they are few.
    private var images = ByteTable()
    private var locations = DigestTable()
    /// Where this part begins.
    private var first = (functions: 0, images: 0, locations: 0)

    /// This part's functions.
    private var symbols = SymbolPart.Writer()
    /// This part's locations, counted bytes one after the other.
    private var rows: [UInt8] = []
    /// LEB128 location numbers, root first, of this part's stacks.
    private var stacks = ByteTable()

    var stackCount: Int { stacks.count }

    var news: News {
        News(
            functions: first.functions..<functions.count, images: first.images..<images.count,
            locations: first.locations..<locations.count)
    }

    /// Memory held, in bytes.
    var footprint: Int { lastingFootprint + partFootprint }
    /// Memory that stays when a part is written, in bytes.
    var lastingFootprint: Int {
        functions.footprint + images.footprint + locations.footprint
    }
    private var partFootprint: Int { symbols.footprint + rows.capacity + stacks.footprint }

    // MARK: Adding

    /// The number in this part of every stack of `table`, by its number there; new ones are added,
    /// those of one call in the order of their locations, which makes parts small.
    mutating func intern(_ table: StackTable) -> [UInt32] {
        let numbers = internLocations(of: table)
        var result = [UInt32](repeating: 0, count: table.stacks.count)
        var missing: [(path: [Int], stack: Int)] = []
        for (index, stack) in table.stacks.enumerated() {
            let path = stack.reversed().map { numbers[Int($0)] }
            if let known = stacks.find(Self.encode(path).span) {
                result[index] = UInt32(truncatingIfNeeded: known)
            } else {
                missing.append((path, index))
            }
        }
        missing.sort { $0.path.lexicographicallyPrecedes($1.path) }
        for (path, index) in missing {
            result[index] = UInt32(truncatingIfNeeded: stacks.intern(Self.encode(path)))
        }
        return result
    }

    private mutating func internLocations(of table: StackTable) -> [Int] {
        let functions = table.functions.map { intern($0) }
        let images = table.images.map { image in
            var bytes: [UInt8] = []
            bytes.appendCounted(Array(image.module.utf8))
            if let buildID = image.buildID {
                bytes.append(buildID.isContentHash ? 2 : 1)
                bytes.appendCounted(buildID.bytes)
            } else {
                bytes.append(0)
            }
            return self.images.intern(bytes)
        }
        return table.locations.indices.map { index in
            let lines = table.lines(of: StackTable.LocationID(index))
            let row = LocationRow(
                kind: table.locationKinds[index], image: images[Int(table.locationImages[index])],
                lines: lines.map {
                    (functions[Int(table.lineFunctions[$0])], table.lineNumbers[$0])
                },
                address: table.locations[index].address)
            let bytes = row.bytes
            let (number, isNew) = locations.intern(bytes)
            if isNew { rows.appendCounted(bytes) }
            return number
        }
    }

    private mutating func intern(_ function: Function) -> Int {
        let (number, isNew) = functions.intern(function)
        if isNew { symbols.add(function) }
        return number
    }

    private static func encode(_ path: [Int]) -> [UInt8] {
        var bytes: [UInt8] = []
        for number in path { bytes.appendVarint(number) }
        return bytes
    }

    // MARK: Parts

    /// This part's functions and images, for `SymbolPart`.
    func packedSymbols(_ codec: borrowing ZstdCodec) -> [UInt8] {
        symbols.packed(images: news.images.map { images[$0] }, codec)
    }

    /// This part's locations, for `LocationRow.unpack`.
    func packedLocations(_ codec: borrowing ZstdCodec) -> [UInt8] { Packing.pack(rows, codec) }

    /// This part's stacks, for `StackPart`: how many; then of each how many locations it shares with the
    /// one before from the root on, how many more it has, and these.
    func packedStacks(_ codec: borrowing ZstdCodec) -> [UInt8] {
        var payload: [UInt8] = []
        payload.appendVarint(stacks.count)
        var previous: [Int] = []
        for id in 0..<stacks.count {
            let path = StackPart.numbers(stacks[id])
            let shared = zip(previous, path).prefix { $0 == $1 }.count
            payload.appendVarint(shared)
            payload.appendVarint(path.count - shared)
            for number in path[shared...] { payload.appendVarint(number) }
            previous = path
        }
        return Packing.pack(payload, codec)
    }

    /// Begins the next part.
    mutating func beginPart() {
        first = (functions.count, images.count, locations.count)
        symbols = SymbolPart.Writer()
        rows = []
        stacks = ByteTable()
    }
}
