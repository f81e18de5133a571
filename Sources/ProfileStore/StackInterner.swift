import ProfileModel

/// Gives the stacks of one batch their numbers in the dictionaries of the services that use them.
struct StackInterner {
    private let table: StackTable
    /// By the table's location numbers; made once for all services.
    private let digests: [LocationDigest]
    /// The current dictionary's number + 1 per location and per stack of the table, and for which
    /// service it was found: so that nothing is cleared between services.
    private var locations: [(service: UInt32, number: UInt32)]
    private var stacks: [(service: UInt32, number: UInt32)]
    private var service: UInt32 = 0
    private var bytes: [UInt8] = []

    init(_ table: StackTable) {
        self.table = table
        digests = table.locations.map { LocationDigest($0) }
        locations = Array(repeating: (0, 0), count: table.locations.count)
        stacks = Array(repeating: (0, 0), count: table.stacks.count)
    }

    /// Turns to another service's dictionary. New stacks among `used` are numbered in the order of
    /// their locations, which makes dictionary segments small.
    mutating func begin(
        _ used: some Sequence<StackTable.StackID>, in content: inout DictionaryContent
    ) {
        service += 1
        var missing: [(path: [Int], stack: Int)] = []
        for id in used {
            let stack = Int(id)
            guard stacks[stack].service != service else { continue }
            let path = table.stacks[stack].reversed().map { number(of: Int($0), in: &content) }
            if let known = content.find(stack: encode(path)) {
                stacks[stack] = (service, UInt32(truncatingIfNeeded: known))
            } else {
                stacks[stack] = (service, 0)
                missing.append((path, stack))
            }
        }
        missing.sort { $0.path.lexicographicallyPrecedes($1.path) }
        for (path, stack) in missing {
            let number = content.intern(stack: encode(path))
            stacks[stack] = (service, UInt32(truncatingIfNeeded: number))
        }
    }

    /// The number of a stack that was given to `begin`.
    func number(of stack: StackTable.StackID) -> UInt32 { stacks[Int(stack)].number }

    private mutating func number(of location: Int, in content: inout DictionaryContent) -> Int {
        if locations[location].service == service { return Int(locations[location].number) }
        let number = content.intern(table.locations[location], digest: digests[location])
        locations[location] = (service, UInt32(truncatingIfNeeded: number))
        return number
    }

    private mutating func encode(_ path: [Int]) -> [UInt8] {
        bytes.removeAll(keepingCapacity: true)
        for number in path { bytes.appendVarint(number) }
        return bytes
    }
}
