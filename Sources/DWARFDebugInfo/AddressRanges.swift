/// `.debug_aranges`: which addresses units have (DWARF 5 §6.1.2). Not all compilers write it, and
/// those that do for not all units, so it counts only for units whose root says nothing.
enum AddressRanges {
    /// A set: what the section says of one unit.
    struct Set: Sendable {
        /// Offset in `.debug_info`.
        let unit: UInt64
        let ranges: [Range<UInt64>]
    }

    private static let maximumRanges = 1 << 20

    /// Reads a set; the cursor ends up behind it. Nil for one that cannot be used.
    static func readSet(
        _ reader: inout DebugReader
    ) throws(DWARFError) -> (set: Set?, end: UInt64) {
        let start = reader.offset
        let (length, isWide) = try reader.readLength()
        let (end, overflow) = reader.offset.addingReportingOverflow(length)
        guard !overflow else { throw reader.error(.badLength) }
        let version = try reader.read(UInt16.self)
        let unit = try reader.readOffset(isWide: isWide)
        let addressSize = try reader.readByte()
        let selectorSize = try reader.readByte()
        guard version == 2, addressSize == 8, selectorSize == 0 else { return (nil, end) }
        // Pairs are aligned to their own size, counted from the set's beginning.
        let misplaced = (reader.offset - start) % 16
        if misplaced != 0 { try reader.skip(16 - misplaced) }
        var ranges: [Range<UInt64>] = []
        while reader.offset < end {
            let low = try reader.read(UInt64.self)
            let count = try reader.read(UInt64.self)
            if low == 0, count == 0 { break }
            guard ranges.count < maximumRanges else { throw reader.error(.tooLarge) }
            if let range = Range(codeFrom: low, to: low &+ count) { ranges.append(range) }
        }
        return (Set(unit: unit, ranges: ranges), end)
    }
}
