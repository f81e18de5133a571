import ProfileModel

/// Gives the stacks of one batch their numbers in the dictionaries of the services that use them.
///
/// A number found once is kept together with the round it was found in, a round being one service or
/// one partition: so nothing is cleared in between.
struct StackInterner {
    /// A number in a dictionary; that of a round before does not hold.
    private struct Entry {
        var round: UInt32 = 0
        var number: UInt32 = 0
    }

    private static let unknown = UInt32.max

    private let table: StackTable
    /// By the table's numbers; rounds are services.
    private var locations: [Entry]
    private var stacks: [Entry]
    /// By the table's numbers; rounds are partitions.
    private var functions: [Entry]
    private var images: [Entry]
    private var service: UInt32 = 0
    private var partition: UInt32 = 0
    private var bytes: [UInt8] = []
    private var path: [UInt8] = []

    init(_ table: StackTable) {
        self.table = table
        locations = Array(repeating: Entry(), count: table.locations.count)
        stacks = Array(repeating: Entry(), count: table.stacks.count)
        functions = Array(repeating: Entry(), count: table.functions.count)
        images = Array(repeating: Entry(), count: table.images.count)
    }

    /// Turns to another partition's symbols.
    mutating func beginPartition() { partition += 1 }

    /// Turns to another service's dictionary. New stacks among `used` are sorted, and they and their
    /// locations numbered in that order, which makes dictionary segments small.
    mutating func beginService(
        _ used: some Sequence<StackTable.StackID>, in content: inout DictionaryContent,
        _ symbols: inout SymbolContent
    ) {
        service += 1
        var missing: [Int] = []
        for id in used {
            let stack = Int(id)
            guard stacks[stack].round != service else { continue }
            let known = find(stack, in: content, &symbols)
            stacks[stack] = Entry(round: service, number: known ?? Self.unknown)
            if known == nil { missing.append(stack) }
        }
        guard !missing.isEmpty else { return }
        let table = table
        missing.sort { left, right in
            table.stacks[left].reversed().lexicographicallyPrecedes(
                table.stacks[right].reversed())
        }
        for stack in missing { add(stack, to: &content) }
    }

    /// The number of a stack that was given to `beginService`.
    func number(of stack: StackTable.StackID) -> UInt32 { stacks[Int(stack)].number }

    /// Looks a stack up; leaves each of its locations with its number, or as unknown.
    private mutating func find(
        _ stack: Int, in content: DictionaryContent, _ symbols: inout SymbolContent
    ) -> UInt32? {
        let ids = table.stacks[stack]
        for id in ids where locations[Int(id)].round != service {
            let location = Int(id)
            encode(location, &symbols)
            let number = content.find(location: bytes.span)
            locations[location] = Entry(
                round: service, number: number.map { UInt32($0) } ?? Self.unknown)
        }
        guard let length = encodePath(ids) else { return nil }
        return content.find(stack: path.span.extracting(0..<length)).map { UInt32($0) }
    }

    /// Writes a stack's location numbers to `path`, root first, and gives how many bytes they took; nil
    /// when one is unknown. Over raw buffers: with `Array`'s `append` this was half of a write.
    private mutating func encodePath(_ ids: [StackTable.LocationID]) -> Int? {
        let longest = ids.count * 5
        if path.count < longest { path = Array(repeating: 0, count: max(longest, 512)) }
        // Safe because a number of 32 bits takes five bytes at most, for which there is room, and the
        // table's ids were compared with the number of its locations (`BatchPlan`).
        return unsafe locations.withUnsafeBufferPointer { locations in
            unsafe path.withUnsafeMutableBufferPointer { path in
                unsafe ids.withUnsafeBufferPointer { ids in
                    var length = 0
                    var index = ids.count
                    while index > 0 {
                        index -= 1
                        var number = unsafe locations[Int(ids[index])].number
                        if number == Self.unknown { return nil }
                        while number >= 0x80 {
                            unsafe path[length] = UInt8(truncatingIfNeeded: number) | 0x80
                            number >>= 7
                            length += 1
                        }
                        unsafe path[length] = UInt8(truncatingIfNeeded: number)
                        length += 1
                    }
                    return length
                }
            }
        }
    }

    private mutating func add(_ stack: Int, to content: inout DictionaryContent) {
        let ids = table.stacks[stack]
        for id in ids.reversed() where locations[Int(id)].number == Self.unknown {
            let location = Int(id)
            encodeKnown(location)
            locations[location].number = UInt32(content.intern(location: bytes.span))
        }
        guard let length = encodePath(ids) else { return }
        let number = content.intern(stack: path.span.extracting(0..<length))
        stacks[stack].number = UInt32(number)
    }

    /// Writes a location to `bytes`, its symbols added where they are new.
    private mutating func encode(_ location: Int, _ symbols: inout SymbolContent) {
        let image = Int(table.locationImages[location])
        if images[image].round != partition {
            images[image] = Entry(
                round: partition, number: UInt32(symbols.intern(table.images[image])))
        }
        for line in table.lines(of: StackTable.LocationID(location)) {
            let function = Int(table.lineFunctions[line])
            guard functions[function].round != partition else { continue }
            functions[function] = Entry(
                round: partition, number: UInt32(symbols.intern(table.functions[function])))
        }
        encodeKnown(location)
    }

    /// Writes a location whose symbols have their numbers to `bytes`, as `PackedLocation` does, from
    /// numbers alone: making `Location` values took half the time of a write.
    private mutating func encodeKnown(_ location: Int) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(table.locationKinds[location].rawValue)
        bytes.appendVarint(UInt64(images[Int(table.locationImages[location])].number))
        let lines = table.lines(of: StackTable.LocationID(location))
        bytes.appendVarint(lines.count)
        for line in lines {
            bytes.appendVarint(UInt64(functions[Int(table.lineFunctions[line])].number))
            bytes.appendVarint(UInt64(table.lineNumbers[line]))
        }
        guard lines.isEmpty else { return }
        PackedLocation.encode(address: table.locations[location].address, into: &bytes)
    }
}
