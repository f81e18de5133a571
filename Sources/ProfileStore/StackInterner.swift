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
        path.removeAll(keepingCapacity: true)
        var isKnown = true
        for id in table.stacks[stack].reversed() {
            let location = Int(id)
            if locations[location].round != service {
                encode(location, &symbols)
                let number = content.find(location: bytes.span)
                locations[location] = Entry(
                    round: service, number: number.map { UInt32($0) } ?? Self.unknown)
            }
            let number = locations[location].number
            if number == Self.unknown {
                isKnown = false
            } else {
                path.appendVarint(UInt64(number))
            }
        }
        guard isKnown else { return nil }
        return content.find(stack: path.span).map { UInt32($0) }
    }

    private mutating func add(_ stack: Int, to content: inout DictionaryContent) {
        path.removeAll(keepingCapacity: true)
        for id in table.stacks[stack].reversed() {
            let location = Int(id)
            if locations[location].number == Self.unknown {
                encodeKnown(location)
                locations[location].number = UInt32(content.intern(location: bytes.span))
            }
            path.appendVarint(UInt64(locations[location].number))
        }
        stacks[stack].number = UInt32(content.intern(stack: path.span))
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
