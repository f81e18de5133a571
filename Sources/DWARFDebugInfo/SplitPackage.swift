/// `.debug_cu_index` of a `.dwp` package: where each split unit's parts lie (DWARF 5 §7.3.5; version 2
/// is GNU's, of split DWARF 4).
enum SplitPackage {
    /// What columns stand for. Others are not needed.
    private enum Column: UInt32 {
        case information = 1
        case abbreviations = 3
        case stringOffsets = 6
        /// Of version 5 only; earlier a macro section.
        case rangeLists = 8
    }

    private static let maximumColumns: UInt64 = 16
    private static let maximumUnits: UInt64 = 1 << 22

    private struct Header {
        let version: UInt16
        let columns: UInt64
        let units: UInt64
        let slots: UInt64

        static let byteCount: UInt64 = 16

        init(reading reader: inout DebugReader) throws(DWARFError) {
            // Version 2 has four bytes here, version 5 two and padding.
            version = try reader.read(UInt16.self)
            try reader.skip(2)
            guard version == 2 || version == 5 else { throw reader.error(.unsupportedVersion) }
            columns = UInt64(try reader.read(UInt32.self))
            units = UInt64(try reader.read(UInt32.self))
            slots = UInt64(try reader.read(UInt32.self))
            guard columns <= maximumColumns, units <= maximumUnits, slots <= maximumUnits * 4 else {
                throw reader.error(.tooLarge)
            }
        }
    }

    /// Where the parts of the unit with this id are; nil when the package lacks it.
    static func part(of id: UInt64, in files: inout DebugFiles) throws(DWARFError) -> SplitPart? {
        let header = try files.parse(.unitIndex, in: .package, at: 0) {
            reader throws(DWARFError) in try Header(reading: &reader)
        }
        guard header.slots > 0, header.slots & (header.slots - 1) == 0 else {
            throw DWARFError(.badLength, in: .unitIndex, at: 12)
        }
        guard let row = try row(of: id, header, &files), row <= header.units else { return nil }
        let table = Header.byteCount + header.slots * 12
        return try files.parse(
            .unitIndex, in: .package, at: table, expecting: header.columns * 4 * (row + 1)
        ) { reader throws(DWARFError) in
            var columns: [UInt32] = []
            for _ in 0..<header.columns { columns.append(try reader.read(UInt32.self)) }
            try reader.skip((row - 1) * header.columns * 4)
            var part = SplitPart()
            for column in columns {
                let offset = UInt64(try reader.read(UInt32.self))
                switch Column(rawValue: column) {
                case .information: part.information = offset
                case .abbreviations: part.abbreviations = offset
                case .stringOffsets: part.stringOffsets = offset
                case .rangeLists where header.version >= 5: part.rangeLists = offset
                default: break
                }
            }
            return part
        }
    }

    /// Searches the hash table: open addressing, where a row of 0 is an unused slot.
    private static func row(
        of id: UInt64, _ header: Header, _ files: inout DebugFiles
    ) throws(DWARFError) -> UInt64? {
        let mask = header.slots - 1
        var slot = id & mask
        let step = id >> 32 & mask | 1
        for _ in 0..<header.slots {
            try files.budget.spend(in: .unitIndex, at: slot)
            let found = try files.parse(
                .unitIndex, in: .package, at: Header.byteCount + slot * 8, expecting: 8
            ) { reader throws(DWARFError) in try reader.read(UInt64.self) }
            let row = try files.parse(
                .unitIndex, in: .package, at: Header.byteCount + header.slots * 8 + slot * 4,
                expecting: 4
            ) { reader throws(DWARFError) in UInt64(try reader.read(UInt32.self)) }
            if row == 0 { return nil }
            if found == id { return row }
            slot = (slot + step) & mask
        }
        return nil
    }
}
