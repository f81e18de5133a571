import ByteReading
import CZlib
import ELFImage
import Glibc
import LinuxSystem
import ProfileModel

/// Finds the file that distributions split off an image: its symbols and debug information.
///
/// By build ID below `/usr/lib/debug/.build-id`, then by the name in `.gnu_debuglink` beside the image,
/// in `.debug`, and below `/usr/lib/debug` (GDB manual, "Separate Debug Files"); each through the
/// process's own root first, then on the host. A file counts only when its build ID is the image's or,
/// where the image has none, its CRC is the link's.
package enum DebugFileSearch {
    /// What was found, and where.
    package struct Found: ~Copyable, Sendable {
        package let file: ImageFile
        package let path: String

        package consuming func take() -> ImageFile { file }
    }

    /// Nil when there is none.
    package static func open(
        for file: borrowing ImageFile, path: String, process: UInt32
    ) -> Found? {
        let buildID = file.buildID()
        let link = DebugLink(of: file)
        var candidates: [String] = []
        if let name = buildID.flatMap({ buildIDPath($0) }) { candidates.append(name) }
        if let link {
            let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
            candidates += [
                "\(directory)/\(link.name)", "\(directory)/.debug/\(link.name)",
                "/usr/lib/debug\(directory)/\(link.name)",
            ]
        }
        for candidate in candidates where candidate != path {
            for place in ImagePlace.allCases {
                guard let descriptor = place.open(candidate, process: process),
                    let found = try? ImageFile(descriptor)
                else { continue }
                let isOurs =
                    if let buildID { found.buildID() == buildID } else {
                        link.map { found.hasChecksum($0.checksum) } ?? false
                    }
                if isOurs { return Found(file: found, path: candidate) }
            }
        }
        return nil
    }

    /// The file that several debug files share what they have in common through (`dwz -m`), named with
    /// its build ID in `.gnu_debugaltlink`. Nil when there is none.
    ///
    /// - Parameter path: of the file that has the link.
    package static func supplement(
        of file: borrowing ImageFile, path: String, process: UInt32
    ) -> ImageFile? {
        guard let section = file.section(named: ".gnu_debugaltlink"), section.size <= 4096,
            let bytes = try? file.contents(of: section), let end = bytes.firstIndex(of: 0),
            let id = BuildID(Array(bytes[(end + 1)...]))
        else { return nil }
        let name = String(decoding: bytes[..<end], as: UTF8.self)
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        let beside = name.hasPrefix("/") ? name : "\(directory)/\(name)"
        for candidate in [beside, buildIDPath(id)].compactMap(\.self) {
            for place in ImagePlace.allCases {
                guard let descriptor = place.open(candidate, process: process),
                    let found = try? ImageFile(descriptor)
                else { continue }
                if found.buildID() == id { return found }
            }
        }
        return nil
    }

    /// An ELF file at a path that the image itself names; whether it belongs to the image the caller
    /// has to see from what is in it. Nil when there is none.
    package static func open(_ path: String, process: UInt32) -> ImageFile? {
        for place in ImagePlace.allCases {
            guard let descriptor = place.open(path, process: process) else { continue }
            if let file = try? ImageFile(descriptor) { return file }
        }
        return nil
    }

    private static func buildIDPath(_ id: BuildID) -> String? {
        let text = id.description
        guard text.utf8.count > 4 else { return nil }
        return "/usr/lib/debug/.build-id/\(text.prefix(2))/\(text.dropFirst(2)).debug"
    }
}

/// `.gnu_debuglink`: a file name, zeros up to a multiple of four, and the file's CRC-32.
private struct DebugLink {
    let name: String
    let checksum: UInt32

    private static let longest: UInt64 = 4096

    init?(of file: borrowing ImageFile) {
        guard let section = file.section(named: ".gnu_debuglink"), section.size <= Self.longest,
            let bytes = try? file.contents(of: section)
        else { return nil }
        var reader = ByteReader(bytes.span.bytes)
        guard let name = try? reader.readCString(limit: Int(Self.longest)), !name.isEmpty,
            // A name, not a path: a file must not lead us out of the directories that count.
            !name.contains("/"), name != "..",
            (try? reader.seek(to: UInt64((reader.offset + 3) / 4 * 4))) != nil,
            let checksum = try? reader.read(UInt32.self)
        else { return nil }
        self.name = name
        self.checksum = checksum
    }
}

extension ImageFile {
    /// Files that are read whole for their checksum.
    private static var longestChecked: UInt64 { 2 << 30 }

    fileprivate func hasChecksum(_ wanted: UInt32) -> Bool {
        guard byteCount <= Self.longestChecked else { return false }
        let step: UInt64 = 1 << 20
        var sum: UInt = 0
        var offset: UInt64 = 0
        while offset < byteCount {
            let count = min(step, byteCount - offset)
            guard let bytes = try? bytes(at: FileOffset(offset), count: count) else { return false }
            sum = unsafe bytes.withUnsafeBufferPointer {
                unsafe crc32(sum, $0.baseAddress, UInt32($0.count))
            }
            offset += count
        }
        return UInt32(truncatingIfNeeded: sum) == wanted
    }
}
