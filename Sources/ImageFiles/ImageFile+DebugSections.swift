package import ELFImage
import ProfileModel

/// Where a section of debug information lies in a file, and in which form.
package struct StoredSection: Sendable {
    package let header: SectionHeader
    /// `.zdebug_…`, as compressed sections were before SHF_COMPRESSED.
    let hasOldForm: Bool

    /// Whether it has to be unpacked as a whole.
    package var isPacked: Bool { hasOldForm || header.isCompressed }
}

extension ImageFile {
    /// The section of this name, or the one that holds it packed in the old form: `.zdebug_info` for
    /// `.debug_info`. Nil when it holds nothing: debug files have the sections of code without contents,
    /// and images those of debug information.
    package func debugSection(named name: String) -> StoredSection? {
        for (name, hasOldForm) in [(name, false), (".z\(name.dropFirst())", true)] {
            guard let header = section(named: name) else { continue }
            guard header.size > 0, header.type != SectionHeader.noBits else { return nil }
            return StoredSection(header: header, hasOldForm: hasOldForm)
        }
        return nil
    }

    /// A section's bytes, unpacked where it is packed.
    ///
    /// - Parameter limit: more is `tooLarge`.
    package func contents(
        of section: StoredSection, limit: Int
    ) throws(ImageError) -> [UInt8] {
        guard section.hasOldForm else { return try contents(of: section.header, limit: limit) }
        guard section.header.size <= UInt64(limit) else { throw .tooLarge }
        let packed = try bytes(
            at: FileOffset(section.header.offset), count: section.header.size)
        return try CompressedBytes.unpackOldSection(packed, limit: limit)
    }
}
