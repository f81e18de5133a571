extension DebugFiles {
    /// Reads what a unit's root says.
    ///
    /// - Parameter abbreviations: where the unit's table is.
    mutating func root(
        of header: UnitHeader, in file: FileNumber, abbreviations: UInt64
    ) throws(DWARFError) -> UnitRoot {
        let code = try parse(.information, in: file, at: header.root, before: header.end) {
            reader throws(DWARFError) in try reader.readULEB128()
        }
        let table = try parse(.abbreviations, in: file, at: abbreviations, expecting: 64) {
            reader throws(DWARFError) in
            try AbbreviationTable(reading: &reader, for: header.format, through: code)
        }
        try budget.spend(table.attributes.count, in: .abbreviations, at: abbreviations)
        return try parse(.information, in: file, at: header.root, before: header.end) {
            reader throws(DWARFError) in
            guard let abbreviation = try reader.readAbbreviation(of: table) else {
                throw reader.error(.unknownAbbreviation)
            }
            return try reader.readRoot(
                abbreviation, at: header.root, unit: header.offset, table)
        }
    }

    /// As `unit`, but does not keep it.
    mutating func readUnit(_ header: UnitHeader, in file: FileNumber) throws(DWARFError) -> Unit {
        let root = try root(of: header, in: file, abbreviations: header.abbreviations)
        var unit = Unit(header, root, file: file)
        if let lowPC = unit.root.lowPC, let base = try address(lowPC, in: unit) { unit.base = base }
        return unit
    }

    /// The unit that has the entry at an offset of a file's `.debug_info`.
    mutating func unit(holding offset: UInt64, in file: FileNumber) throws(DWARFError) -> Unit {
        let headers = try unitHeaders(of: file)
        let after = headers.partitioningIndex { $0.offset > offset }
        guard after > 0, offset >= headers[after - 1].root, offset < headers[after - 1].end else {
            throw DWARFError(.badReference, in: .information, at: offset)
        }
        return try unit(headers[after - 1], in: file)
    }

    /// The entry at an offset of the unit's file.
    mutating func entry(at offset: UInt64, in unit: Unit) throws(DWARFError) -> Entry {
        let table = try abbreviations(of: unit)
        guard offset >= unit.header.root, offset < unit.header.end else {
            throw DWARFError(.badReference, in: .information, at: offset)
        }
        try budget.spend(in: .information, at: offset)
        return try parse(.information, in: unit.file, at: offset, before: unit.header.end) {
            reader throws(DWARFError) in
            guard let abbreviation = try reader.readAbbreviation(of: table) else {
                throw reader.error(.badReference)
            }
            return try reader.readEntry(
                abbreviation, at: offset, unit: unit.header.offset, table)
        }
    }

    /// Image address that a value stands for; nil when it is none.
    mutating func address(
        _ value: AttributeValue, in unit: Unit
    ) throws(DWARFError) -> UInt64? {
        switch value {
        case .address(let address): return address
        case .addressIndex(let index, let offset):
            return try indexedAddress(index, in: unit) &+ UInt64(offset)
        default: return nil
        }
    }

    /// An entry of the unit's part of `.debug_addr` (DWARF 5 §7.27).
    mutating func indexedAddress(_ index: UInt64, in unit: Unit) throws(DWARFError) -> UInt64 {
        let (distance, overflow) = index.multipliedReportingOverflow(by: 8)
        let place = unit.addresses.addingReportingOverflow(distance)
        guard !overflow, !place.overflow else {
            throw DWARFError(.truncated, in: .addresses, at: unit.addresses)
        }
        return try parse(.addresses, in: unit.image, at: place.partialValue, expecting: 8) {
            reader throws(DWARFError) in try reader.read(UInt64.self)
        }
    }
}
