import ELFImage
package import ImageFiles
import ProfileModel
package import Unwinding

extension ImageFile {
    /// The image's unwind table, from `.eh_frame`, Go's line table and `.debug_frame`. Nil when the file
    /// tells nothing of how to unwind it.
    package func unwindTable() throws(ImageError) -> UnwindTable? {
        let ehFrame = try callFrameSection()
        let debugFrame = try plainContents(of: ".debug_frame")
        let goLines = try goLines()
        guard !ehFrame.bytes.isEmpty || !debugFrame.isEmpty || !goLines.bytes.isEmpty else {
            return nil
        }
        let code = segments.filter { $0.type == ProgramHeader.load && $0.isExecutable }
            .compactMap { segment -> Range<ImageAddress>? in
                let (end, overflow) = segment.address.addingReportingOverflow(segment.fileSize)
                return overflow ? nil : ImageAddress(segment.address)..<ImageAddress(end)
            }
        let sections = UnwindSections(
            code: code, ehFrame: ehFrame.bytes.span.bytes, at: ehFrame.address,
            debugFrame: debugFrame.span.bytes,
            goLines: goLines.bytes.span.bytes.extracting(goLines.start..<goLines.bytes.count),
            goText: goLines.text)
        do {
            return try UnwindTable.build(from: sections) { plainCode(at: $0) }
        } catch {
            throw .malformed
        }
    }

    private func plainCode(at addresses: Range<ImageAddress>) -> [UInt8]? {
        let start = addresses.lowerBound.value
        let length = addresses.upperBound.value - start
        for segment in segments where segment.type == ProgramHeader.load && segment.isExecutable {
            guard start >= segment.address, start - segment.address < segment.fileSize else {
                continue
            }
            let skipped = start - segment.address
            return try? bytes(
                at: FileOffset(segment.offset &+ skipped),
                count: min(length, segment.fileSize - skipped))
        }
        return nil
    }

    /// About how much has to be read for it.
    var unwindBytes: UInt64 {
        [".eh_frame", ".debug_frame"].reduce(goLinesBytes) {
            $0 &+ (section(named: $1)?.size ?? 0)
        }
    }

    private func plainContents(of name: String) throws(ImageError) -> [UInt8] {
        guard let section = section(named: name), !section.isCompressed else { return [] }
        return try contents(of: section)
    }

    private func callFrameSection() throws(ImageError) -> (bytes: [UInt8], address: ImageAddress) {
        if let section = section(named: ".eh_frame") {
            return (try contents(of: section), ImageAddress(section.address))
        }
        return try callFrameSegment() ?? ([], ImageAddress(0))
    }

    /// Where no section headers are left: the header segment says where `.eh_frame` begins
    /// (LSB 5, §10.6.2: version, three encodings, then the pointer), the zero at its end where it ends.
    private func callFrameSegment() throws(ImageError) -> (bytes: [UInt8], address: ImageAddress)? {
        guard let header = segments.first(where: { $0.type == ProgramHeader.callFrames }),
            header.fileSize >= 8
        else { return nil }
        let bytes = try bytes(at: FileOffset(header.offset), count: 8)
        // Version 1, and DW_EH_PE_pcrel | DW_EH_PE_sdata4: what every linker writes.
        guard bytes[0] == 1, bytes[1] == 0x1b else { return nil }
        let distance = Int32(
            truncatingIfNeeded: bytes[4...7].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        let start = header.address &+ 4 &+ UInt64(bitPattern: Int64(distance))
        for segment in segments where segment.type == ProgramHeader.load {
            guard start >= segment.address, start - segment.address < segment.fileSize else {
                continue
            }
            let skipped = start - segment.address
            let bytes = try self.bytes(
                at: FileOffset(segment.offset &+ skipped), count: segment.fileSize - skipped)
            return (bytes, ImageAddress(start))
        }
        return nil
    }
}
