extension DebugFiles {
    /// One list has at most so many ranges; that of a unit linked as one section each has a tenth.
    private static let longestList = 1 << 20

    /// Image addresses of an entry's code (DWARF 5 §2.17); empty when it has none, or the linker
    /// discarded it.
    mutating func ranges(of entry: Entry, in unit: Unit) throws(DWARFError) -> [Range<UInt64>] {
        if let list = entry.ranges {
            switch list {
            case .listIndex(let index): return try rangeList(index: index, in: unit)
            case .sectionOffset(let offset), .constant(let offset):
                return unit.header.format.version >= 5
                    ? try rangeList(at: offset, in: unit)
                    : try oldRangeList(at: unit.ranges &+ offset, in: unit)
            default: throw DWARFError(.unexpectedForm, in: .information, at: entry.offset)
            }
        }
        guard let lowPC = entry.lowPC, let highPC = entry.highPC,
            let low = try address(lowPC, in: unit)
        else { return [] }
        let high: UInt64
        if case .constant(let length) = highPC {
            high = low &+ length
        } else {
            high = try address(highPC, in: unit) ?? low
        }
        return [Range(codeFrom: low, to: high)].compactMap(\.self)
    }

    /// `.debug_ranges` (DWARF 4 §2.17.3).
    private mutating func oldRangeList(
        at offset: UInt64, in unit: Unit
    ) throws(DWARFError) -> [Range<UInt64>] {
        let (ranges, count) = try parse(.ranges, in: unit.image, at: offset) {
            reader throws(DWARFError) in
            var ranges: [Range<UInt64>] = []
            var base = unit.base
            for count in 1...Self.longestList {
                let low = try reader.read(UInt64.self)
                let high = try reader.read(UInt64.self)
                if low == 0, high == 0 { return (ranges, count) }
                if low == .max {
                    base = high
                } else {
                    ranges.append(low, to: high, base: base)
                }
            }
            throw reader.error(.tooLarge)
        }
        try budget.spend(count, in: .ranges, at: offset)
        return ranges
    }

    /// The list at an index of the unit's table (DWARF 5 §7.28).
    private mutating func rangeList(
        index: UInt64, in unit: Unit
    ) throws(DWARFError) -> [Range<UInt64>] {
        let size = UInt64(unit.header.format.offsetSize)
        let (distance, overflow) = index.multipliedReportingOverflow(by: size)
        let place = unit.rangeLists.addingReportingOverflow(distance)
        guard !overflow, !place.overflow else {
            throw DWARFError(.truncated, in: .rangeLists, at: unit.rangeLists)
        }
        let offset = try parse(.rangeLists, in: unit.file, at: place.partialValue, expecting: 8) {
            reader throws(DWARFError) in
            try reader.readOffset(isWide: unit.header.format.isWide)
        }
        return try rangeList(at: unit.rangeLists &+ offset, in: unit)
    }

    /// `.debug_rnglists` (DWARF 5 §2.17.3).
    private mutating func rangeList(
        at offset: UInt64, in unit: Unit
    ) throws(DWARFError) -> [Range<UInt64>] {
        let elements = try parse(.rangeLists, in: unit.file, at: offset) {
            reader throws(DWARFError) in
            var elements: [RangeListElement] = []
            while let element = try RangeListElement(reading: &reader) {
                guard elements.count < Self.longestList else { throw reader.error(.tooLarge) }
                elements.append(element)
            }
            return elements
        }
        try budget.spend(elements.count, in: .rangeLists, at: offset)
        var base = unit.base
        var ranges: [Range<UInt64>] = []
        for element in elements {
            switch element {
            case .base(let address): base = address
            case .baseIndex(let index): base = try indexedAddress(index, in: unit)
            case .offsets(let low, let high): ranges.append(low, to: high, base: base)
            case .addresses(let low, let high): ranges.append(low, to: high, base: 0)
            case .addressAndLength(let low, let length):
                ranges.append(low, to: low &+ length, base: 0)
            case .indexes(let low, let high):
                ranges.append(
                    try indexedAddress(low, in: unit), to: try indexedAddress(high, in: unit),
                    base: 0)
            case .indexAndLength(let index, let length):
                let low = try indexedAddress(index, in: unit)
                ranges.append(low, to: low &+ length, base: 0)
            }
        }
        return ranges
    }
}

/// An element of a range list: DW_RLE_… (DWARF 5 §7.25).
enum RangeListElement: Sendable {
    case baseIndex(UInt64)
    case indexes(UInt64, UInt64)
    case indexAndLength(UInt64, UInt64)
    case offsets(UInt64, UInt64)
    case base(UInt64)
    case addresses(UInt64, UInt64)
    case addressAndLength(UInt64, UInt64)

    /// Nil at the end of the list.
    init?(reading reader: inout DebugReader) throws(DWARFError) {
        switch try reader.readByte() {
        case 0: return nil
        case 1: self = .baseIndex(try reader.readULEB128())
        case 2: self = .indexes(try reader.readULEB128(), try reader.readULEB128())
        case 3: self = .indexAndLength(try reader.readULEB128(), try reader.readULEB128())
        case 4: self = .offsets(try reader.readULEB128(), try reader.readULEB128())
        case 5: self = .base(try reader.read(UInt64.self))
        case 6: self = .addresses(try reader.read(UInt64.self), try reader.read(UInt64.self))
        case 7: self = .addressAndLength(try reader.read(UInt64.self), try reader.readULEB128())
        default: throw reader.error(.unknownListEntry)
        }
    }
}

extension Range<UInt64> {
    /// Nil for what is empty, and for code that the linker discarded: it writes 0, or the largest
    /// number or the one below, where the address would be.
    init?(codeFrom low: UInt64, to high: UInt64) {
        guard low != 0, low < .max - 1, high > low else { return nil }
        self = low..<high
    }
}

extension [Range<UInt64>] {
    /// Adds base + low ..< base + high, unless base or range are those of discarded code.
    fileprivate mutating func append(_ low: UInt64, to high: UInt64, base: UInt64) {
        guard base < .max - 1, let range = Range(codeFrom: base &+ low, to: base &+ high) else {
            return
        }
        append(range)
    }
}
