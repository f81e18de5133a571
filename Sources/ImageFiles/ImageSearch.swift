import CLinuxShims
import Glibc
import LinuxSystem
package import ProfileModel

/// Finds the file behind a mapping.
package enum ImageSearch {
    /// Opens the image through the process's own root, then on the host.
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
        throw problem
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
