import ELFImage
import Glibc
import ProfileModel
import Unwinding

/// An ELF file of this machine, read whole.
struct ImageFile {
    let bytes: [UInt8]
    let segments: [ProgramHeader]
    private let sections: [SectionHeader]
    private let names: [UInt8]

    init?(_ path: String) {
        guard let bytes = Self.contents(of: path) else { return nil }
        self.init(bytes)
    }

    init?(_ bytes: [UInt8]) {
        func part(_ offset: UInt64, _ count: Int) -> [UInt8] {
            Array(bytes.dropFirst(Int(clamping: offset)).prefix(count))
        }
        guard let header = try? ELFHeader(parsing: bytes.span.bytes) else { return nil }
        let (programs, tables) = (header.programHeaders, header.sectionHeaders)
        let segmentBytes = part(programs.offset, programs.byteCount)
        let sectionBytes = part(tables.offset, tables.byteCount)
        guard let segments = try? ProgramHeader.parse(segmentBytes.span.bytes, table: programs),
            let sections = try? SectionHeader.parse(sectionBytes.span.bytes, table: tables),
            Int(header.sectionNames) < sections.count
        else { return nil }
        let strings = sections[Int(header.sectionNames)]
        (self.bytes, self.segments, self.sections) = (bytes, segments, sections)
        names = part(strings.offset, Int(strings.size))
    }

    var code: [Range<ImageAddress>] {
        segments.filter { $0.type == ProgramHeader.load && $0.flags & 1 != 0 }.map {
            ImageAddress($0.address)..<ImageAddress($0.address + $0.fileSize)
        }
    }

    /// A section's bytes and address; empty when there is none.
    func section(_ name: String) -> (bytes: ArraySlice<UInt8>, address: ImageAddress) {
        let found = sections.first {
            names.dropFirst(Int($0.name)).starts(with: Array(name.utf8) + [0])
        }
        guard let found, found.type != SectionHeader.noBits, found.flags & 0x800 == 0,
            found.offset + found.size <= UInt64(bytes.count)
        else { return ([], ImageAddress(0)) }
        return (
            bytes[Int(found.offset)..<Int(found.offset + found.size)], ImageAddress(found.address)
        )
    }

    func table() throws -> UnwindTable {
        let (ehFrame, debugFrame, go) = (
            section(".eh_frame"), section(".debug_frame"), section(".gopclntab")
        )
        return try UnwindTable.build(
            from: UnwindSections(
                code: code, ehFrame: ehFrame.bytes.span.bytes, at: ehFrame.address,
                debugFrame: debugFrame.bytes.span.bytes, goLines: go.bytes.span.bytes,
                goText: section(".text").address))
    }

    private static func contents(of path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        let size = ftell(file)
        rewind(file)
        guard size > 0 else { return nil }
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = fread(buffer.baseAddress, 1, size, file)
        }
        return bytes.count == size ? bytes : nil
    }
}
