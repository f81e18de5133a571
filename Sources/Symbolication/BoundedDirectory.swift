import Glibc
import LinuxSystem

/// A directory of files that can all be had again.
enum BoundedDirectory {
    private struct Kept {
        let path: String
        let byteCount: Int
        let used: Int
    }

    /// Removes files, the ones used longest ago first, until all together are within the limit.
    static func removeOldest(in directory: String, ending: String, byteLimit: Int) {
        var kept = kept(in: directory, ending: ending)
        var total = kept.reduce(0) { $0 + $1.byteCount }
        guard total > byteLimit else { return }
        kept.sort { $0.used < $1.used }
        for file in kept where total > byteLimit {
            unsafe unlink(file.path)
            total -= file.byteCount
        }
    }

    /// What all files of this ending take together.
    static func byteCount(in directory: String, ending: String) -> Int {
        kept(in: directory, ending: ending).reduce(0) { $0 + $1.byteCount }
    }

    /// Removes all files of this ending.
    static func removeAll(in directory: String, ending: String) {
        for file in kept(in: directory, ending: ending) { unsafe unlink(file.path) }
    }

    private static func kept(in directory: String, ending: String) -> [Kept] {
        let names = (try? DirectoryListing.names(in: directory)) ?? []
        return names.filter { $0.hasSuffix(ending) }.compactMap { name in
            let path = "\(directory)/\(name)"
            var status = stat()
            guard unsafe lstat(path, &status) == 0 else { return nil }
            return Kept(
                path: path, byteCount: Int(status.st_size), used: Int(status.st_mtim.tv_sec))
        }
    }
}
