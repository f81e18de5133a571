import Glibc
import LinuxSystem
import ProfileModel

/// A file that its process writes to its end, as far as it was read.
struct GrowingFile<Contents: AppendedContents>: Sendable {
    private(set) var contents = Contents()
    private var identity: FileIdentity?
    /// How much of it was read.
    private var position: UInt64 = 0
    /// What was read last: still there if nobody wrote the file anew.
    private var last: [UInt8] = []

    private static var step: Int { 1 << 20 }
    private static var lastCount: Int { 256 }

    /// Reads what was added; the whole when it is another file, or was written anew, as Java does.
    ///
    /// - Parameter limit: more at once is `tooLarge`.
    /// - Returns: whether there was anything new.
    mutating func update(
        from file: borrowing OwnedDescriptor, _ status: stat, limit: UInt64
    ) throws(RuntimeNamesProblem) -> Bool {
        let identity = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        let size = UInt64(clamping: status.st_size)
        let isAnew = identity != self.identity || size < position || !continues(file)
        if isAnew {
            self = GrowingFile()
            self.identity = identity
        }
        guard size - position <= limit else { throw .tooLarge }
        let isLonger = size > position
        while position < size {
            let count = Int(min(UInt64(Self.step), size - position))
            let bytes = Self.read(file, position, count)
            guard !bytes.isEmpty else { break }
            contents.append(bytes.span.bytes)
            position += UInt64(bytes.count)
            last = Array((last + bytes.suffix(Self.lastCount)).suffix(Self.lastCount))
        }
        return isAnew || isLonger
    }

    private func continues(_ file: borrowing OwnedDescriptor) -> Bool {
        Self.read(file, position - UInt64(last.count), last.count) == last
    }

    /// As many bytes as there are; a file may have become shorter since it was looked at.
    private static func read(
        _ file: borrowing OwnedDescriptor, _ offset: UInt64, _ count: Int
    ) -> [UInt8] {
        let number = file.number
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = unsafe pread(
                    number, buffer.baseAddress.map { unsafe $0 + filled }, count - filled,
                    Int(offset) + filled)
                if got < 0 && errno == EINTR { continue }
                guard got > 0 else { return }
                filled += got
            }
        }
    }
}
