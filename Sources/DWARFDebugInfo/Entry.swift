/// A debugging information entry, reduced to what names, lines and ranges need (DWARF 5 §2.1).
struct Entry: Sendable {
    /// Where it begins in its section.
    let offset: UInt64
    let tag: Tag
    let hasChildren: Bool
    var lowPC: AttributeValue?
    var highPC: AttributeValue?
    var ranges: AttributeValue?
    var name: AttributeValue?
    var linkageName: AttributeValue?
    /// The entry that says the rest: DW_AT_abstract_origin, else DW_AT_specification.
    var origin: AttributeValue?
    var callFile: UInt64 = 0
    var callLine: UInt64 = 0
    /// The entry after its children.
    var sibling: UInt64?

    init(offset: UInt64, _ abbreviation: Abbreviation) {
        self.offset = offset
        tag = abbreviation.tag
        hasChildren = abbreviation.hasChildren
    }

    fileprivate mutating func take(_ value: AttributeValue, of attribute: Attribute) {
        switch attribute {
        case .lowPC: lowPC = value
        case .highPC: highPC = value
        case .ranges: ranges = value
        case .name: name = value
        case .linkageName, .oldLinkageName: linkageName = value
        case .abstractOrigin: origin = value
        case .specification: if origin == nil { origin = value }
        case .callFile: if case .constant(let number) = value { callFile = number }
        case .callLine: if case .constant(let number) = value { callLine = number }
        case .sibling: if case .reference(let offset) = value { sibling = offset }
        default: break
        }
    }
}

/// What a unit's root says of the unit as a whole (DWARF 5 §3.1).
struct UnitRoot: Sendable {
    var entry: Entry
    var lines: AttributeValue?
    var directory: AttributeValue?
    /// Offsets behind the headers of the unit's tables.
    var stringOffsetsBase: UInt64?
    var addressBase: UInt64?
    var rangeListsBase: UInt64?
    /// Of split DWARF 4: what the split unit's offsets in `.debug_ranges` are relative to.
    var rangesBase: UInt64 = 0
    /// In a skeleton: where the entries are.
    var splitName: AttributeValue?
    var splitID: UInt64?

    fileprivate mutating func take(_ value: AttributeValue, of attribute: Attribute) {
        let number = value.offset
        switch attribute {
        case .statementList: lines = value
        case .compilationDirectory: directory = value
        case .stringOffsetsBase: stringOffsetsBase = number
        case .addressBase, .oldAddressBase: addressBase = number
        case .rangeListsBase: rangeListsBase = number
        case .oldRangesBase: rangesBase = number ?? 0
        case .splitName, .oldSplitName: splitName = value
        case .oldSplitID: splitID = number
        default: entry.take(value, of: attribute)
        }
    }
}

extension DebugReader {
    /// The abbreviation of the entry at the cursor, which moves past the code; nil at the end of a
    /// list of children.
    mutating func readAbbreviation(
        of table: borrowing AbbreviationTable
    ) throws(DWARFError) -> Abbreviation? {
        let code = try readULEB128()
        if code == 0 { return nil }
        guard let place = table.place(of: code) else { throw error(.unknownAbbreviation) }
        return table.abbreviations[place]
    }

    /// The values of an entry whose code was read.
    ///
    /// - Parameter offset: where the entry begins.
    mutating func readEntry(
        _ abbreviation: Abbreviation, at offset: UInt64, unit: UInt64,
        _ table: borrowing AbbreviationTable
    ) throws(DWARFError) -> Entry {
        var entry = Entry(offset: offset, abbreviation)
        for index in abbreviation.attributes {
            let place = table.attributes[index]
            if place.attribute == .other {
                try skipValue(place.form, in: table.format)
            } else {
                let value = try readValue(
                    place.form, implicit: place.implicit, in: table.format, unit: unit)
                entry.take(value, of: place.attribute)
            }
        }
        return entry
    }

    /// The values of a unit's root, whose code was read.
    mutating func readRoot(
        _ abbreviation: Abbreviation, at offset: UInt64, unit: UInt64,
        _ table: borrowing AbbreviationTable
    ) throws(DWARFError) -> UnitRoot {
        var root = UnitRoot(entry: Entry(offset: offset, abbreviation))
        for index in abbreviation.attributes {
            let place = table.attributes[index]
            let value = try readValue(
                place.form, implicit: place.implicit, in: table.format, unit: unit)
            root.take(value, of: place.attribute)
        }
        return root
    }

    /// Passes over the values of an entry whose code was read.
    mutating func skipEntry(
        _ abbreviation: Abbreviation, _ table: borrowing AbbreviationTable
    ) throws(DWARFError) {
        if let count = abbreviation.byteCount { return try skip(UInt64(count)) }
        for index in abbreviation.attributes {
            try skipValue(table.attributes[index].form, in: table.format)
        }
    }
}
