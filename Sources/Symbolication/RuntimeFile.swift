import Glibc
import LinuxSystem

/// A file that a process may have written, and nobody but it and root.
struct RuntimeFile: ~Copyable {
    let descriptor: OwnedDescriptor
    let status: stat

    /// Since 1970, nanoseconds.
    var changed: UInt64 {
        UInt64(clamping: status.st_mtim.tv_sec) &* 1_000_000_000
            &+ UInt64(clamping: status.st_mtim.tv_nsec)
    }

    /// - Parameters:
    ///   - path: as the process sees it.
    ///   - user: as whom the process acts.
    init(
        _ path: String, of process: ProcessFiles, user: UInt32
    ) throws(RuntimeNamesProblem) {
        let file = try Self.open(path, of: process)
        status = try Self.status(of: file, user: user)
        descriptor = file
    }

    private static func open(
        _ path: String, of process: ProcessFiles
    ) throws(RuntimeNamesProblem) -> OwnedDescriptor {
        do throws(SystemCallError) {
            return try process.open(inRoot: path)
        } catch {
            switch error.errno {
            case ENOENT, ENOTDIR: throw .notFound
            case ELOOP, ENXIO: throw .notRegular
            default: throw .unreadable
            }
        }
    }

    private static func status(
        of file: borrowing OwnedDescriptor, user: UInt32
    ) throws(RuntimeNamesProblem) -> stat {
        var status = stat()
        guard unsafe fstat(file.number, &status) == 0 else { throw .unreadable }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
        // /tmp is anybody's.
        guard status.st_uid == user || status.st_uid == 0 else { throw .otherOwner }
        return status
    }
}
