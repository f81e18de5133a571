import DWARFDebugInfo
import ELFImage
import ImageFiles
import ProfileModel
import Synchronization

/// The debug sections of an ELF file, for `DebugInfo`: read piece by piece where they lie in the file as
/// they are, unpacked once where they are compressed.
final class DebugFileSource: DebugSource {
    private struct Section {
        let header: SectionHeader
        /// Nil: read from the file.
        var unpacked: [UInt8]?
    }

    private let file: ImageFile
    private let isSplit: Bool
    private let sections: Mutex<[DebugSection: Section?]> = Mutex([:])
    private let unpackedBytes = Mutex(0)

    /// What compressed sections of one file may take when they are unpacked. Files that need more keep
    /// their symbols' names, without lines.
    private static let unpackedLimit = 96 << 20

    /// Nil when the file has no debug information.
    ///
    /// - Parameter isSplit: a `.dwo` file or `.dwp` package.
    init?(_ file: consuming ImageFile, isSplit: Bool = false) {
        let name =
            isSplit ? DebugSection.information.splitName : DebugSection.information.name
        guard let name, file.debugSection(named: name) != nil else { return nil }
        self.file = file
        self.isSplit = isSplit
    }

    func byteCount(of section: DebugSection) -> UInt64 {
        guard let found = find(section) else { return 0 }
        return found.unpacked.map { UInt64($0.count) } ?? found.header.size
    }

    func bytes(of section: DebugSection, at offset: UInt64, count: Int) -> [UInt8]? {
        guard let found = find(section) else { return nil }
        if let bytes = found.unpacked {
            guard offset <= UInt64(bytes.count), count <= bytes.count - Int(offset) else {
                return nil
            }
            return Array(bytes[Int(offset)..<Int(offset) + count])
        }
        return try? file.bytes(
            at: FileOffset(found.header.offset &+ offset), count: UInt64(count))
    }

    private func find(_ section: DebugSection) -> Section? {
        if let known = sections.withLock({ $0[section] }) { return known }
        let found = open(section)
        sections.withLock { $0[section] = .some(found) }
        return found
    }

    private func open(_ section: DebugSection) -> Section? {
        guard let name = isSplit ? section.splitName : section.name,
            let stored = file.debugSection(named: name)
        else { return nil }
        guard stored.isPacked else { return Section(header: stored.header) }
        let room = Self.unpackedLimit - unpackedBytes.withLock { $0 }
        guard let bytes = try? file.contents(of: stored, limit: room) else { return nil }
        unpackedBytes.withLock { $0 += bytes.count }
        return Section(header: stored.header, unpacked: bytes)
    }
}
