import ByteReading

/// The first 64 bytes of an ELF64 file (System V ABI, "ELF Header").
package struct ELFHeader: Hashable, Sendable {
    /// ET_EXEC 2, ET_DYN 3, …
    package let type: UInt16
    package let programHeaders: Table
    package let sectionHeaders: Table
    /// Index of the section that holds section names.
    package let sectionNames: UInt16

    /// Where a table of headers lies in the file.
    package struct Table: Hashable, Sendable {
        package let offset: UInt64
        package let count: Int
        package let entrySize: Int

        /// Bytes of the whole table: at most 65,535 × 65,535.
        package var byteCount: Int { count * entrySize }
    }

    package static let byteCount = 64

    /// Parses from the file's first bytes; more than 64 are fine.
    package init(parsing bytes: RawSpan) throws(ELFError) {
        var reader = ByteReader(bytes)
        do {
            guard try reader.read(UInt32.self) == 0x464c_457f else {
                throw ELFError(.notELF, at: 0)
            }
            let bits: UInt8 = try reader.read()
            let order: UInt8 = try reader.read()
            let version: UInt8 = try reader.read()
            guard bits == 2, order == 1, version == 1 else {
                throw ELFError(.unsupportedClass, at: 4)
            }
            try reader.seek(to: 16)
            type = try reader.read()
            try reader.seek(to: 32)
            let programOffset: UInt64 = try reader.read()
            let sectionOffset: UInt64 = try reader.read()
            try reader.skip(6)  // e_flags, e_ehsize
            let programSize = Int(try reader.read(UInt16.self))
            let programCount = Int(try reader.read(UInt16.self))
            let sectionSize = Int(try reader.read(UInt16.self))
            let sectionCount = Int(try reader.read(UInt16.self))
            sectionNames = try reader.read()
            programHeaders = Table(
                offset: programOffset, count: programCount, entrySize: programSize)
            sectionHeaders = Table(
                offset: sectionOffset, count: sectionCount, entrySize: sectionSize)
        } catch let error as ELFError {
            throw error
        } catch {
            throw ELFError(.truncated, at: UInt64(bytes.byteCount))
        }
        guard programHeaders.count == 0 || programHeaders.entrySize >= ProgramHeader.byteCount
        else {
            throw ELFError(.badEntrySize, at: 54)
        }
        guard sectionHeaders.count == 0 || sectionHeaders.entrySize >= SectionHeader.byteCount
        else {
            throw ELFError(.badEntrySize, at: 58)
        }
    }
}
