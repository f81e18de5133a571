/// The sections that names and lines are read from (DWARF 5 §1.4 and §7.3.2; split DWARF 4: GCC's
/// DebugFission).
package enum DebugSection: Int, CaseIterable, Hashable, Sendable {
    case information, abbreviations, strings, lineStrings, stringOffsets, addresses
    /// DWARF 4 and earlier.
    case ranges
    /// DWARF 5.
    case rangeLists
    /// Which unit has which addresses.
    case addressRanges
    case lines
    /// Of a `.dwp` package: where each split unit lies.
    case unitIndex

    /// As in an image.
    package var name: String {
        switch self {
        case .information: ".debug_info"
        case .abbreviations: ".debug_abbrev"
        case .strings: ".debug_str"
        case .lineStrings: ".debug_line_str"
        case .stringOffsets: ".debug_str_offsets"
        case .addresses: ".debug_addr"
        case .ranges: ".debug_ranges"
        case .rangeLists: ".debug_rnglists"
        case .addressRanges: ".debug_aranges"
        case .lines: ".debug_line"
        case .unitIndex: ".debug_cu_index"
        }
    }

    /// As in a `.dwo` file or a `.dwp` package; nil for those that stay in the image.
    package var splitName: String? {
        switch self {
        case .information, .abbreviations, .strings, .stringOffsets, .rangeLists, .lines:
            name + ".dwo"
        case .unitIndex: name
        case .lineStrings, .addresses, .ranges, .addressRanges: nil
        }
    }
}
