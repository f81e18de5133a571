/// The attributes that names, lines and ranges need (DWARF 5 §7.5.4, and GNU's for split DWARF 4).
enum Attribute: UInt16, Sendable {
    case other = 0
    case sibling = 0x01
    case name = 0x03
    case statementList = 0x10
    case lowPC = 0x11
    case highPC = 0x12
    case compilationDirectory = 0x1b
    case abstractOrigin = 0x31
    case specification = 0x47
    case ranges = 0x55
    case callFile = 0x58
    case callLine = 0x59
    case linkageName = 0x6e
    case stringOffsetsBase = 0x72
    case addressBase = 0x73
    case rangeListsBase = 0x74
    case splitName = 0x76
    /// What DWARF 2 and 3 had instead of `linkageName`.
    case oldLinkageName = 0x2007
    case oldSplitName = 0x2130
    case oldSplitID = 0x2131
    case oldRangesBase = 0x2132
    case oldAddressBase = 0x2133
}
