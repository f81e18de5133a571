package import ProfileModel

/// Ties the three ways to say where code is:
///
///     file offset      ──(segment: address − offset)──▶  image address
///     process address  ──(mapping: start, its offset)──▶  file offset
///
///     file     │ …… │▒▒▒ segment ▒▒▒│        offset 0x1000
///     image         │▒▒▒ segment ▒▒▒│        address 0x401000   (what symbols speak of)
///     process              │▒▒▒ mapping ▒▒▒│ start 0x55d0_1000  (what samples speak of)
///
/// Going by file offset needs no load bias at all, so it is right for PIE, non-PIE, and libraries
/// alike, also where segments lie further apart in the image than in the file.
extension [ProgramHeader] {
    /// The image address of a byte of the file; nil when no loaded segment holds it.
    package func imageAddress(of offset: FileOffset) -> ImageAddress? {
        for header in self where header.type == ProgramHeader.load {
            guard offset.value >= header.offset, offset.value - header.offset < header.fileSize
            else {
                continue
            }
            return ImageAddress(header.address &+ (offset.value - header.offset))
        }
        return nil
    }
}
