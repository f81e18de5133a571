import Glibc
package import ProfileModel

/// The files of one process below /proc. Every call reads anew; ENOENT or ESRCH: it is gone.
package struct ProcessFiles: Hashable, Sendable {
    package let tgid: UInt32

    package init(tgid: UInt32) { self.tgid = tgid }

    package func path(_ name: String) -> String { "/proc/\(tgid)/\(name)" }

    package func status() throws(SystemCallError) -> ProcessStatus {
        let bytes = try OwnedDescriptor.contents(of: path("stat"), limit: 1 << 16)
        guard let status = ProcessStatus(statFile: bytes) else {
            throw SystemCallError("parse", path("stat"), errno: EINVAL)
        }
        return status
    }

    /// Its own number, and as whom it acts.
    package func statusFile() throws(SystemCallError) -> ProcessStatusFile {
        let bytes = try OwnedDescriptor.contents(of: path("status"), limit: 1 << 20)
        guard let status = ProcessStatusFile(bytes) else {
            throw SystemCallError("parse", path("status"), errno: EINVAL)
        }
        return status
    }

    /// When it began, CLOCK_REALTIME as it stands now, to within 10 ms.
    package func startTime() throws(SystemCallError) -> UInt64 {
        let sinceBoot = try status().startTicks.multipliedReportingOverflow(by: 10_000_000)
        return (Clock.real &- Clock.boot) &+ sinceBoot.partialValue
    }

    /// The name as the kernel keeps it, 15 bytes.
    package func command() throws(SystemCallError) -> CommandName {
        let bytes = try OwnedDescriptor.contents(of: path("comm"), limit: 1 << 12)
        return CommandName(bytes: bytes.prefix { $0 != UInt8(ascii: "\n") })
    }

    package func memoryMaps(executableOnly: Bool = false) throws(SystemCallError) -> MemoryMapsFile
    {
        let bytes = try OwnedDescriptor.contents(of: path("maps"), limit: 1 << 26)
        return MemoryMapsFile(bytes, executableOnly: executableOnly)
    }

    package func cgroups() throws(SystemCallError) -> CGroupFile {
        let bytes = try OwnedDescriptor.contents(of: path("cgroup"), limit: 1 << 20)
        return CGroupFile(String(decoding: bytes, as: UTF8.self))
    }

    /// The file the process runs, ` (deleted)` included; ENOENT for kernel threads.
    package func executable() throws(SystemCallError) -> String {
        try Self.linkTarget(path("exe"))
    }

    /// Every process that /proc lists now, in no order.
    package static func all() throws(SystemCallError) -> [UInt32] {
        try DirectoryListing.names(in: "/proc").compactMap { UInt32($0) }
    }

    static func linkTarget(_ path: String) throws(SystemCallError) -> String {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink(path, &target, target.count)
        guard count >= 0 else { throw .last("readlink", path) }
        return String(decoding: target[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
