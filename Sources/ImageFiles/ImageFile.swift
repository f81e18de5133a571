package import ELFImage
import Glibc
package import LinuxSystem
package import ProfileModel

/// An ELF file opened for what it tells of its code. Read with `pread` into bounded memory and never mapped: a
/// file that shrinks meanwhile gives an error, where a mapping would give SIGBUS.
package struct ImageFile: ~Copyable, Sendable {
    private let file: OwnedDescriptor
    private let size: UInt64
    /// Of the whole file.
    package var byteCount: UInt64 { size }
    package let identity: FileIdentity
    /// When the file was last changed in any way (stat(2), st_ctim), nanoseconds since 1970.
    package let changed: UInt64
    package let segments: [ProgramHeader]
    /// Empty when the file was stripped of its section headers.
    package let sections: [SectionHeader]
    private let sectionNames: UInt16

    /// The largest symbol or string table that is read; clang's own are about 40 MB.
    private static let largestTable: UInt64 = 512 << 20
    private static let largestMiniDebugInfo = 64 << 20

    /// Takes an open file. Anything but a regular ELF64 file is refused.
    package init(_ file: consuming OwnedDescriptor) throws(ImageError) {
        var status = stat()
        guard unsafe fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .notRegular
        }
        let size = UInt64(clamping: status.st_size)
        let first = try Self.read(file, 0, UInt64(ELFHeader.byteCount), size)
        let segments: [ProgramHeader]
        let sections: [SectionHeader]
        let header: ELFHeader
        do {
            header = try ELFHeader(parsing: first.span.bytes)
            let programs = try Self.read(file, header.programHeaders, size)
            segments = try ProgramHeader.parse(programs.span.bytes, table: header.programHeaders)
            // A file may be stripped of its section headers; its segments still tell the build ID.
            let table = try? Self.read(file, header.sectionHeaders, size)
            sections =
                try table.map {
                    try SectionHeader.parse($0.span.bytes, table: header.sectionHeaders)
                } ?? []
        } catch let error as ImageError {
            throw error
        } catch {
            throw .malformed
        }
        self = ImageFile(
            file, size: size, segments: segments, sections: sections,
            sectionNames: header.sectionNames,
            identity: FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)),
            changed: UInt64(status.st_ctim.tv_sec) &* 1_000_000_000
                &+ UInt64(status.st_ctim.tv_nsec))
    }

    private init(
        _ file: consuming OwnedDescriptor, size: UInt64, segments: [ProgramHeader],
        sections: [SectionHeader], sectionNames: UInt16, identity: FileIdentity, changed: UInt64
    ) {
        self.file = file
        self.size = size
        self.segments = segments
        self.sections = sections
        self.sectionNames = sectionNames
        self.identity = identity
        self.changed = changed
    }

    /// What changes whenever the file is written.
    package var version: FileVersion {
        FileVersion(identity: identity, byteCount: size, changed: changed)
    }

    /// The linker's identity, from the note segments or, where there are none, the note sections.
    package func buildID() -> BuildID? {
        let notes =
            segments.filter { $0.type == ProgramHeader.note }.map { ($0.offset, $0.fileSize) }
            + sections.filter { $0.type == SectionHeader.note }.map { ($0.offset, $0.size) }
        for (offset, length) in notes where length <= 1 << 16 {
            guard let bytes = try? Self.read(file, offset, length, size) else { continue }
            if let id = Notes.buildID(in: bytes.span.bytes) { return id }
        }
        return nil
    }

    /// Eight bytes of the build ID and the image address they are loaded at: what tells this image in a
    /// process's memory from any other. Nil when there is no build ID of that length in a note segment.
    package func mark() -> (address: ImageAddress, value: UInt64)? {
        for segment in segments where segment.type == ProgramHeader.note {
            guard segment.fileSize <= 1 << 16,
                let notes = try? bytes(at: FileOffset(segment.offset), count: segment.fileSize),
                let offset = Notes.buildIDOffset(in: notes.span.bytes), notes.count - offset >= 8
            else { continue }
            let value = notes[offset..<offset + 8].reversed().reduce(UInt64(0)) {
                $0 << 8 | UInt64($1)
            }
            return (ImageAddress(segment.address &+ UInt64(offset)), value)
        }
        return nil
    }

    /// The first section of this name; nil when there is none, or no section names are left.
    package func section(named name: String) -> SectionHeader? {
        guard Int(sectionNames) < sections.count,
            let names = try? contents(of: sections[Int(sectionNames)])
        else { return nil }
        let wanted = Array(name.utf8) + [0]
        return sections.first { section in
            let start = Int(section.name)
            guard start < names.count, names.count - start >= wanted.count else { return false }
            return names[start..<start + wanted.count].elementsEqual(wanted)
        }
    }

    /// A section's bytes, unpacked where it is compressed; empty when it has none in the file.
    ///
    /// - Parameter limit: more is `tooLarge`.
    package func contents(
        of section: SectionHeader, limit: Int = 256 << 20
    ) throws(ImageError) -> [UInt8] {
        guard section.type != SectionHeader.noBits else { return [] }
        guard section.size <= UInt64(limit) else { throw .tooLarge }
        let bytes = try bytes(at: FileOffset(section.offset), count: section.size)
        return section.isCompressed
            ? try CompressedBytes.unpackSection(bytes, limit: limit) : bytes
    }

    /// The symbols that a stripped file keeps in small: an ELF file of its own, compressed, in
    /// `.gnu_debugdata` (GDB manual, "MiniDebugInfo"). Nil when there is none.
    package func miniDebugInfo() throws(ImageError) -> ImageFile? {
        guard let section = section(named: ".gnu_debugdata") else { return nil }
        let packed = try contents(of: section, limit: Self.largestMiniDebugInfo)
        let contents = try CompressedBytes.unpackXz(packed, limit: Self.largestMiniDebugInfo)
        guard let file = try? OwnedDescriptor.memory(named: "gnu_debugdata", contents: contents)
        else { throw .unreadable }
        return try ImageFile(file)
    }

    /// Bytes of the file. Throws `malformed` when they do not lie inside it.
    package func bytes(at offset: FileOffset, count: UInt64) throws(ImageError) -> [UInt8] {
        try Self.read(file, offset.value, count, size)
    }

    private static func read(
        _ file: borrowing OwnedDescriptor, _ table: ELFHeader.Table, _ size: UInt64
    ) throws(ImageError) -> [UInt8] {
        try read(file, table.offset, UInt64(table.byteCount), size)
    }

    private static func read(
        _ file: borrowing OwnedDescriptor, _ offset: UInt64, _ count: UInt64, _ size: UInt64
    ) throws(ImageError) -> [UInt8] {
        guard count <= largestTable, offset <= size, count <= size - offset else {
            throw .malformed
        }
        let number = file.number
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
            while filled < Int(count) {
                let got = unsafe pread(
                    number, buffer.baseAddress.map { unsafe $0 + filled }, Int(count) - filled,
                    Int(offset) + filled)
                if got < 0 && errno == EINTR { continue }
                guard got > 0 else {
                    failed = true
                    return
                }
                filled += got
            }
        }
        guard !failed else { throw .unreadable }
        return bytes
    }
}
