import Glibc

/// What a directory holds.
package enum DirectoryListing {
    /// Names in no order, without `.` and `..`.
    package static func names(in path: String) throws(SystemCallError) -> [String] {
        guard let directory = unsafe opendir(path) else { throw .last("opendir", path) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
