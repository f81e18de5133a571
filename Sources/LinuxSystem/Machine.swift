private import CLinuxShims
import Glibc

/// What tells this machine, and this run of it, from others.
package enum Machine {
    /// Changes with every boot; a UUID in text (`random(4)`).
    package static func bootID() throws(SystemCallError) -> String {
        let path = "/proc/sys/kernel/random/boot_id"
        let text = try OwnedDescriptor.contents(of: path, limit: 256)
        return String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// The host name of this process's UTS namespace.
    package static func hostName() throws(SystemCallError) -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { throw .last("gethostname") }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether process numbers mean the same here as in BPF: whether this process lives in the
    /// initial pid namespace (PROC_PID_INIT_INO, include/linux/proc_ns.h).
    package static var isInInitialPIDNamespace: Bool {
        (try? ProcessFiles.linkTarget("/proc/self/ns/pid")) == "pid:[\(UInt32(0xeffffffc))]"
    }

    /// Makes the allocator return what is freed to the kernel; call it once, first of all.
    package static func giveMemoryBack() { shim_give_memory_back() }

    /// Returns what is free by now, holes in the heap included (`malloc_trim(3)`); some milliseconds.
    package static func trimMemory() { shim_trim_memory() }

    /// `uname -r`.
    package static var kernelRelease: String { text(\.release) }

    /// `uname -m`.
    package static var architecture: String { text(\.machine) }

    private static func text<Field>(_ field: KeyPath<utsname, Field>) -> String {
        var name = utsname()
        unsafe uname(&name)
        return withUnsafeBytes(of: name[keyPath: field]) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
