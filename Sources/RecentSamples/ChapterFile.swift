import Glibc
import LinuxSystem

/// Bytes on disk that go with the last one who holds them: the file has no name any more.
///
/// Nobody else can open or shorten it, and nothing is left of it when the daemon ends however it
/// does. Its pages are the kernel's to drop, so they do not count against the daemon's memory.
final class ChapterFile: Sendable {
    private let descriptor: OwnedDescriptor

    init(in directory: String) throws(SystemCallError) {
        let path = directory + "/recent.chapter"
        unlink(path)  // a daemon that was killed right here would have left it
        let file = try OwnedDescriptor(creating: path, mode: 0o600)
        guard unlink(path) == 0 else { throw .last("unlink", path) }
        descriptor = file
    }

    /// Writes all of it at a place that nobody reads yet.
    func write(_ bytes: [UInt8], at place: Int) throws(SystemCallError) {
        var written = 0
        while written < bytes.count {
            // Safe because `written` is below the array's count.
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe pwrite(
                    descriptor.number, bytes.baseAddress.map { unsafe $0 + written },
                    bytes.count - written, place + written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .last("write", "recent.chapter") }
            written += count
        }
    }

    func read(_ range: Range<Int>) throws(SystemCallError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var have = 0
        while have < range.count {
            // Safe because `have` is below the array's count, and no more is asked for than fits.
            let count = unsafe bytes.withUnsafeMutableBytes { bytes in
                unsafe pread(
                    descriptor.number, bytes.baseAddress.map { unsafe $0 + have },
                    bytes.count - have, range.lowerBound + have)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .last("read", "recent.chapter") }
            have += count
        }
        return bytes
    }
}
