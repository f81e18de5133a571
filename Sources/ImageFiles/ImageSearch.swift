import CLinuxShims
import Glibc
import LinuxSystem
package import ProfileModel

/// Finds the file behind a mapping.
package enum ImageSearch {
    /// Opens the image through the process's own root, then on the host; where its path leads to it no
    /// more, through what the process still has of it: the file was deleted, or replaced by an upgrade.
    ///
    /// A path alone proves nothing: another file may have taken its place, or the process may see
    /// another one there. A file counts only when its build ID is the mapping's, or, where the
    /// mapping tells none, its device and inode.
    package static func open(_ image: MappedImage, process: UInt32) throws(ImageError) -> ImageFile
    {
        guard image.path.hasPrefix("/"), !image.path.hasPrefix("//") else { throw .notFound }
        let deleted = " (deleted)"
        let path =
            image.path.hasSuffix(deleted)
            ? String(image.path.dropLast(deleted.utf8.count)) : image.path
        var problem = ImageError.notFound
        for place in ImagePlace.allCases {
            do {
                guard let descriptor = place.open(path, process: process) else { continue }
                let file = try ImageFile(descriptor)
                if file.isBehind(image) { return file }
                problem = .otherFile
            } catch {
                problem = error
            }
        }
        for link in MappedFileLinks.of(image, process: process) {
            guard
                let descriptor = try? OwnedDescriptor(opening: link, flags: O_RDONLY | O_NONBLOCK),
                let file = try? ImageFile(descriptor)
            else { continue }
            if file.isBehind(image) { return file }
        }
        throw problem
    }
}

/// Links of a process that lead to a mapped file itself, whatever has become of its path.
private enum MappedFileLinks {
    /// `/proc/PID/map_files/START-END` of the image's mappings, which need CAP_CHECKPOINT_RESTORE
    /// (fs/proc/base.c, proc_map_files_get_link), and `/proc/PID/exe`, which does not.
    static func of(_ image: MappedImage, process: UInt32) -> [String] {
        guard let file = image.file else { return [] }
        let maps =
            (try? ProcessFiles(tgid: process).memoryMaps(executableOnly: true))?.entries ?? []
        let ranges = maps.filter { $0.file == file }.prefix(1).map {
            String($0.start.value, radix: 16) + "-" + String($0.end.value, radix: 16)
        }
        return ["/proc/\(process)/exe"] + ranges.map { "/proc/\(process)/map_files/\($0)" }
    }
}

/// Whose view of the file system a path is looked up in.
enum ImagePlace: CaseIterable {
    case processRoot, host

    func open(_ path: String, process: UInt32) -> OwnedDescriptor? {
        switch self {
        case .processRoot:
            let number = unsafe shim_open_in_root("/proc/\(process)/root", path)
            return number < 0 ? nil : OwnedDescriptor(owning: number)
        case .host:
            return try? OwnedDescriptor(opening: path, flags: O_RDONLY | O_NONBLOCK)
        }
    }
}

extension ImageFile {
    fileprivate func isBehind(_ image: MappedImage) -> Bool {
        if let wanted = image.buildID { return buildID() == wanted }
        if let wanted = image.file { return identity == wanted }
        return false
    }
}
