/// Which unit of an image has the code at an address.
///
/// Made from what the roots of all units say: a few hundred bytes of each are read.
struct UnitIndex: Sendable {
    private var headers: [UnitHeader] = []
    /// Numbers are places in `headers`.
    private var ranges = RangeTable()
    /// Units that tell nowhere which code they have, except by their functions.
    private(set) var silent: [UInt32] = []

    /// Ranges of all units; those of the largest programs are a quarter.
    static let maximumRanges = 1 << 21

    var byteCount: Int { ranges.byteCount + silent.count * MemoryLayout<UInt32>.stride }

    init(of files: inout DebugFiles) throws(DWARFError) {
        headers = try files.unitHeaders(of: .image)
        var silent: Set<UInt32> = []
        for (number, header) in headers.enumerated() {
            guard header.kind == .compile || header.kind == .skeleton else { continue }
            do {
                let unit = try files.readUnit(header, in: .image)
                guard unit.root.tag != .partialUnit else { continue }
                guard unit.root.ranges != nil || unit.root.highPC != nil else {
                    if unit.root.hasChildren { silent.insert(UInt32(number)) }
                    continue
                }
                try add(files.ranges(of: unit.root, in: unit), UInt32(number))
            } catch {
                // A unit that cannot be read says nothing about the others.
                if error.code == .tooMuchWork || error.code == .tooLarge { throw error }
            }
        }
        if !silent.isEmpty { try addSets(&files, &silent) }
        self.silent = silent.sorted()
        ranges.sort()
    }

    /// The units that may have the address, the likeliest first.
    func units(at address: UInt64) -> [UnitHeader] {
        ranges.numbers(at: address).map { headers[Int($0)] }
    }

    /// A unit that told nothing.
    func silentUnit(_ number: UInt32) -> UnitHeader { headers[Int(number)] }

    /// What the functions of the silent units say.
    mutating func finish(_ found: [(number: UInt32, range: Range<UInt64>)]) throws(DWARFError) {
        silent = []
        for (number, range) in found { try add([range], number) }
        ranges.sort()
    }

    private mutating func add(_ new: [Range<UInt64>], _ number: UInt32) throws(DWARFError) {
        guard ranges.count + new.count <= Self.maximumRanges else {
            throw DWARFError(.tooLarge, in: .information, at: headers[Int(number)].offset)
        }
        for range in new { ranges.append(range, number: number) }
    }

    /// Takes `.debug_aranges` for the silent units.
    private mutating func addSets(
        _ files: inout DebugFiles, _ silent: inout Set<UInt32>
    ) throws(DWARFError) {
        let size = files.byteCount(of: .addressRanges, in: .image)
        var offset: UInt64 = 0
        while offset < size {
            guard
                let (set, end) = try? files.parse(
                    .addressRanges, in: .image, at: offset,
                    { reader throws(DWARFError) in try AddressRanges.readSet(&reader) }),
                end > offset
            else { return }
            try files.budget.spend(set?.ranges.count ?? 0, in: .addressRanges, at: offset)
            offset = end
            guard let set else { continue }
            let place = headers.partitioningIndex { $0.offset >= set.unit }
            guard place < headers.count, headers[place].offset == set.unit,
                silent.remove(UInt32(place)) != nil
            else { continue }
            try add(set.ranges, UInt32(place))
        }
    }
}
