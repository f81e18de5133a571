/// A file's debug sections, read piece by piece: `.debug_info` of a compiler is a gigabyte, of which
/// a question needs some kilobytes.
///
/// Sections are as the linker wrote them; whoever implements this decompresses SHF_COMPRESSED ones.
package protocol DebugSource: Sendable {
    /// 0 when the file lacks the section.
    func byteCount(of section: DebugSection) -> UInt64

    /// Exactly `count` bytes from `offset`; nil when they cannot be read. The range lies within
    /// `byteCount(of:)`.
    func bytes(of section: DebugSection, at offset: UInt64, count: Int) -> [UInt8]?
}

/// Debug sections that are in memory.
package struct DebugSections: DebugSource {
    private let sections: [DebugSection: [UInt8]]

    package init(_ sections: [DebugSection: [UInt8]]) { self.sections = sections }

    package func byteCount(of section: DebugSection) -> UInt64 {
        UInt64(sections[section]?.count ?? 0)
    }

    package func bytes(of section: DebugSection, at offset: UInt64, count: Int) -> [UInt8]? {
        guard let bytes = sections[section], let start = Int(exactly: offset), start <= bytes.count,
            count <= bytes.count - start
        else { return nil }
        return Array(bytes[start..<start + count])
    }
}

/// A unit whose entries the compiler wrote to a file of its own (DWARF 5 §3.1.3, DW_AT_dwo_name).
package struct SplitUnitName: Hashable, Sendable {
    /// As the compiler was told; usually relative to `directory`.
    package let file: String
    /// Where the compiler ran; empty when unknown.
    package let directory: String
    /// What image and split file must agree on.
    package let id: UInt64
}
