import ByteReading
import ProfileModel

/// The locations and stacks of one service in one partition, numbered densely in first-seen order.
///
/// Everything lies packed: a name's bytes, a location's numbers, a stack's location numbers root
/// first. `Location` values are made only for what a query answers.
struct DictionaryContent {
    /// How many of each there are, or were when a segment began.
    struct Mark: Equatable {
        var names = 0
        var locations = 0
        var stacks = 0
    }

    /// Names, paths and build IDs: whatever is a string of bytes.
    private(set) var names = ByteTable()
    /// What each location is, as `encode(_:)` wrote it.
    private(set) var locations = PackedEntries()
    /// Finds locations; numbered as they are.
    private var digests = ByteTable()
    /// Location numbers as LEB128, root first.
    private(set) var stacks = ByteTable()
    /// Where each stored segment begins, in order; changed by `DictionarySegments` alone.
    var segments: [Mark] = []

    var mark: Mark {
        Mark(names: names.count, locations: locations.count, stacks: stacks.count)
    }

    /// Memory held, in bytes.
    var footprint: Int {
        names.footprint + locations.footprint + digests.footprint + stacks.footprint
    }

    // MARK: Adding

    mutating func intern(name: [UInt8]) -> Int { names.intern(name) }

    /// The number of a location, added when it is new.
    mutating func intern(_ location: Location, digest: LocationDigest) -> Int {
        let before = digests.count
        let id = digests.intern(digest.bytes)
        if id == before { locations.append(encode(location)) }
        return id
    }

    /// The number of a stack given as location numbers in LEB128, root first, or nil.
    func find(stack: [UInt8]) -> Int? { stacks.find(stack) }

    /// As `find(stack:)`, added when it is new.
    mutating func intern(stack: [UInt8]) -> Int { stacks.intern(stack) }

    /// Adds a location as it was stored; false when it is damaged or there already.
    mutating func append(storedLocation bytes: [UInt8]) -> Bool {
        guard let location = Self.decode(bytes[...], names: names.entries) else { return false }
        let before = digests.count
        guard digests.intern(LocationDigest(location).bytes) == before else { return false }
        locations.append(bytes)
        return true
    }

    // MARK: Reading

    /// Nil when what is stored is damaged.
    func location(_ id: Int) -> Location? {
        guard id < locations.count else { return nil }
        return Self.decode(locations[id], names: names.entries)
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

    // MARK: Locations as bytes

    /// kind, module, build ID reference, lines, then per line name, system name, file, number; or,
    /// without lines, the address + 1.
    private mutating func encode(_ location: Location) -> [UInt8] {
        var bytes: [UInt8] = [location.kind.rawValue]
        bytes.appendVarint(names.intern(Array(location.module.utf8)))
        if let buildID = location.buildID {
            bytes.appendVarint(
                (names.intern(buildID.bytes) << 1 | (buildID.isContentHash ? 1 : 0)) + 1)
        } else {
            bytes.append(0)
        }
        bytes.appendVarint(location.lines.count)
        for line in location.lines {
            bytes.appendVarint(names.intern(Array(line.function.name.utf8)))
            bytes.appendVarint(names.intern(Array(line.function.systemName.utf8)))
            bytes.appendVarint(names.intern(Array(line.function.file.utf8)))
            bytes.appendVarint(UInt64(line.number))
        }
        if location.lines.isEmpty {
            bytes.append(location.address == nil ? 0 : 1)
            if let address = location.address { bytes.appendVarint(address.value) }
        }
        return bytes
    }

    private static func decode(_ bytes: ArraySlice<UInt8>, names: PackedEntries) -> Location? {
        var reader = ByteReader(bytes.span.bytes)
        return try? decode(&reader, names: names)
    }

    private static func decode(
        _ reader: inout ByteReader, names: PackedEntries
    ) throws(ReadError) -> Location? {
        func name(_ id: UInt64) -> ArraySlice<UInt8>? {
            id < UInt64(names.count) ? names[Int(id)] : nil
        }
        func text(_ id: UInt64) -> String? { name(id).map { String(decoding: $0, as: UTF8.self) } }

        guard let kind = FrameKind(rawValue: try reader.read(UInt8.self)),
            let module = text(try reader.readULEB128())
        else { return nil }
        var buildID: BuildID?
        let reference = try reader.readULEB128()
        if reference > 0 {
            guard let id = name((reference - 1) >> 1),
                let known = BuildID(Array(id), isContentHash: (reference - 1) & 1 != 0)
            else { return nil }
            buildID = known
        }
        let count = try reader.readCount()
        var lines: [Line] = []
        for _ in 0..<count {
            guard let name = text(try reader.readULEB128()),
                let systemName = text(try reader.readULEB128()),
                let file = text(try reader.readULEB128())
            else { return nil }
            let function = Function(name: name, systemName: systemName, file: file)
            lines.append(Line(function: function, number: try reader.readUInt32()))
        }
        if lines.isEmpty, try reader.read(UInt8.self) != 0 {
            return Location(
                unnamed: ImageAddress(try reader.readULEB128()), kind: kind, module: module,
                buildID: buildID)
        }
        return Location(named: lines, kind: kind, module: module, buildID: buildID)
    }
}
