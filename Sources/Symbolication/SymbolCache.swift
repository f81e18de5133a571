import Glibc
import LinuxSystem

/// Symbol tables on disk, by what identifies their image; made once, mapped ever after.
///
/// A table is written beside its place and moved there when it is whole, so that a torn one is never
/// found. When all together are larger than the limit, those used longest ago go. Without a directory
/// tables are made in memory. Safe for several processes on one directory. The disk is not filled: all together
/// take a quarter at most of what would be free without them, above the floor.
package final class SymbolCache: Sendable {
    private let directory: String?
    private let byteLimit: Int
    private let spaceFloor: Int64

    /// Files of this name are ours; what is left of a write that was cut off ends differently.
    private static let ending = ".symbols"
    fileprivate static let unfinished = ".part"

    /// - Parameters:
    ///   - directory: is made if it is not there, for the owner alone. Nil, or one that cannot be
    ///     written: nothing is kept.
    ///   - byteLimit: of all files together.
    ///   - spaceFloor: of the file system, in bytes, that others must find free.
    package init(directory: String?, byteLimit: Int = 512 << 20, spaceFloor: Int64 = 64 << 20) {
        if let directory { unsafe mkdir(directory, 0o700) }
        self.directory = directory
        self.byteLimit = byteLimit
        self.spaceFloor = spaceFloor
        // What another process is just writing is lost to it, and made again when it is needed.
        if let directory { BoundedDirectory.removeAll(in: directory, ending: Self.unfinished) }
    }

    /// The table that was kept; nil when there is none, or it is damaged.
    func table(_ key: String) -> SymbolTable? {
        guard let path = path(key), let file = try? OwnedDescriptor(opening: path, flags: O_RDONLY)
        else { return nil }
        guard let table = SymbolTable(file) else {
            unsafe unlink(path)
            return nil
        }
        _ = futimens(file.number, nil)  // for who was used when
        return table
    }

    /// A place for a table that is about to be made.
    func slot(_ key: String) -> Slot {
        let room = room
        return Slot(path: room > 0 ? path(key) : nil, room: room)
    }

    /// What all files together may take now.
    private var room: Int {
        guard let directory else { return 0 }
        var status = statvfs()
        guard unsafe statvfs(directory, &status) == 0 else { return 0 }
        let free = Int64(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(
                by: UInt64(status.f_frsize)
            ).partialValue)
        let held = Int64(BoundedDirectory.byteCount(in: directory, ending: Self.ending))
        return min(byteLimit, Int(clamping: max(0, free + held - spaceFloor) / 4))
    }

    /// A file beside its place, removed again unless `SymbolCache.keep` moves it there.
    struct Slot: ~Copyable {
        fileprivate let path: String?
        fileprivate let part: String
        /// How large the file may become.
        let room: Int

        fileprivate init(path: String?, room: Int) {
            self.path = path
            self.room = room
            // No process ID: processes in two containers can have the same one, and share the directory.
            let own = UInt64.random(in: 0...UInt64.max)
            part = path.map { "\($0).\(String(own, radix: 16))\(SymbolCache.unfinished)" } ?? ""
        }

        /// An empty file, open for writing; nil when there is no directory for it, or none that can be
        /// written.
        func file() -> OwnedDescriptor? {
            guard path != nil else { return nil }
            unsafe unlink(part)
            return try? OwnedDescriptor(creating: part, mode: 0o600)
        }

        deinit { if path != nil { unsafe unlink(part) } }
    }

    /// The table in the slot is whole.
    func keep(_ slot: consuming Slot) {
        guard let path = slot.path, unsafe rename(slot.part, path) == 0 else { return }
        if let directory {
            BoundedDirectory.removeOldest(
                in: directory, ending: Self.ending, byteLimit: room)
        }
    }

    /// Keys are build IDs and numbers: nothing in them leads out of the directory.
    private func path(_ key: String) -> String? {
        guard let directory, !key.isEmpty, key.utf8.allSatisfy({ Self.isPlain($0) }) else {
            return nil
        }
        return "\(directory)/\(key)\(Self.ending)"
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "-")
    }
}
