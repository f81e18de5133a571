/// A unit made ready for reading its entries: its header, and what values in it are relative to.
struct Unit: Sendable {
    let header: UnitHeader
    /// The file whose sections have the entries, strings and range lists of DWARF 5.
    let file: FileNumber
    /// The file whose `.debug_addr`, `.debug_line` and `.debug_ranges` count.
    let image: FileNumber
    let root: Entry
    /// Image address that range lists begin from.
    var base: UInt64 = 0
    let directory: AttributeValue?
    /// Offset of the line table; nil when there is none.
    let lines: UInt64?
    /// Offset of the abbreviations.
    let abbreviations: UInt64
    /// Offset of the first of the unit's string offsets, after their header.
    let stringOffsets: UInt64
    /// Offset of the first of the unit's addresses, after their header.
    let addresses: UInt64
    /// Offset of the table of the unit's range lists, after its header.
    let rangeLists: UInt64
    /// What offsets in `.debug_ranges` are relative to.
    let ranges: UInt64
    /// What a split unit's are, as its skeleton says: DW_AT_GNU_ranges_base.
    let splitRanges: UInt64
    /// Of a skeleton: the file with the entries, and what it must identify itself with.
    let splitName: AttributeValue?
    let splitID: UInt64

    /// A unit that stands in the image or in its supplement.
    init(_ header: UnitHeader, _ root: UnitRoot, file: FileNumber) {
        self.header = header
        self.file = file
        image = file
        self.root = root.entry
        directory = root.directory
        lines = root.lines?.offset
        abbreviations = header.abbreviations
        stringOffsets = root.stringOffsetsBase ?? header.format.tableHeaderSize
        addresses = root.addressBase ?? header.format.tableHeaderSize
        rangeLists = root.rangeListsBase ?? header.format.rangeListsHeaderSize
        ranges = 0
        splitRanges = root.rangesBase
        splitName = root.splitName
        splitID = root.splitID ?? header.splitID
    }

    /// The split unit of a skeleton.
    ///
    /// - Parameter part: where its file has what belongs to the unit.
    init(
        _ header: UnitHeader, _ root: UnitRoot, file: FileNumber, part: SplitPart, of skeleton: Unit
    ) {
        self.header = header
        self.file = file
        image = skeleton.image
        self.root = root.entry
        base = skeleton.base
        directory = nil
        lines = nil
        abbreviations = part.abbreviations &+ header.abbreviations
        stringOffsets = part.stringOffsets(for: header.format)
        addresses = skeleton.addresses
        rangeLists = part.rangeLists &+ header.format.rangeListsHeaderSize
        ranges = skeleton.splitRanges
        splitRanges = 0
        splitName = nil
        splitID = skeleton.splitID
    }
}

/// Where a file with split units has one unit's parts; all 0 in a `.dwo` file.
struct SplitPart: Hashable, Sendable {
    var information: UInt64 = 0
    var abbreviations: UInt64 = 0
    var stringOffsets: UInt64 = 0
    var rangeLists: UInt64 = 0

    /// Before DWARF 5 the offsets had no header.
    func stringOffsets(for format: UnitFormat) -> UInt64 {
        format.version < 5 ? stringOffsets : stringOffsets &+ format.tableHeaderSize
    }
}

/// A file among those an image's debug information lies in.
enum FileNumber: Hashable, Sendable {
    case image
    /// What several images share (DWARF 5 §7.3.6), as `.gnu_debugaltlink` names it.
    case supplement
    /// The `.dwp` with split units.
    case package
    /// A `.dwo` file.
    case split(Int)
}

extension UnitFormat {
    /// Bytes before the entries of `.debug_str_offsets` and `.debug_addr` (DWARF 5 §7.26, §7.27).
    var tableHeaderSize: UInt64 { isWide ? 16 : 8 }

    /// Bytes before the offsets of `.debug_rnglists` (DWARF 5 §7.28).
    var rangeListsHeaderSize: UInt64 { isWide ? 20 : 12 }
}

extension AttributeValue {
    /// An offset in a section; DWARF 2 and 3 wrote them as plain numbers.
    var offset: UInt64? {
        switch self {
        case .sectionOffset(let offset), .constant(let offset): offset
        default: nil
        }
    }
}
