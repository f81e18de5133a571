/// An ELF file that cannot be used, and where it goes wrong.
package struct ELFError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        /// Does not start with the magic number.
        case notELF
        /// ELF32, big-endian, or an unknown version: we read ELF64 little-endian only.
        case unsupportedClass
        /// A table or a value lies past the end of the file.
        case truncated
        /// A table announces entries of a size its type cannot have.
        case badEntrySize
        /// More entries than any real file has.
        case tooManyEntries
    }

    package let code: Code
    /// Byte offset in the file, or in the table for table entries.
    package let offset: UInt64

    package init(_ code: Code, at offset: UInt64) {
        self.code = code
        self.offset = offset
    }
}
