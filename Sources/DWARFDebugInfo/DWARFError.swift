/// Debug information that cannot be used, and where it goes wrong.
package struct DWARFError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        /// The source could not give bytes that it said it has.
        case unreadable
        /// A value reaches past the end of its unit or section.
        case truncated
        /// A length is one of the reserved ones, or reaches past its section.
        case badLength
        /// A version other than 2 to 5.
        case unsupportedVersion
        /// Addresses that are not 8 bytes, or segment selectors.
        case unsupportedAddressSize
        /// A form that no version we read defines.
        case unknownForm
        /// An entry names an abbreviation that its table does not have.
        case unknownAbbreviation
        /// A value has a form that its attribute cannot have.
        case unexpectedForm
        /// A reference leads to no entry, or through more entries than the limit.
        case badReference
        /// A range list has an entry of a kind that is not defined.
        case unknownListEntry
        /// A line table's header contradicts itself.
        case badLineTable
        /// The split unit is in no file that was given.
        case noSplitUnit
        /// Entries nest deeper than the limit.
        case tooDeep
        /// A table, a list or a value is larger than any real one.
        case tooLarge
        /// One question would take more work than the limit.
        case tooMuchWork
    }

    package let code: Code
    package let section: DebugSection
    /// Bytes from the section's beginning.
    package let offset: UInt64

    init(_ code: Code, in section: DebugSection, at offset: UInt64) {
        self.code = code
        self.section = section
        self.offset = offset
    }
}

extension DWARFError: CustomStringConvertible {
    package var description: String {
        "\(section.name) is unusable at offset \(offset): \(code)"
    }
}
