import Glibc
import LinuxSystem

/// The vDSO: code the kernel maps into every process, in no file. One kernel has one for all 64-bit
/// processes, so ours tells about every process's.
package enum VirtualLibrary {
    /// What a mapping of it is called.
    package static let path = "[vdso]"

    /// Its ELF image, whole; nil when the kernel gave us none.
    package static func contents() -> [UInt8]? {
        guard let maps = try? OwnedDescriptor.contents(of: "/proc/self/maps"),
            let range = range(in: String(decoding: maps, as: UTF8.self)),
            let start = unsafe UnsafeRawPointer(bitPattern: UInt(range.lowerBound))
        else { return nil }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: range.count))
    }

    /// Its ELF image as a file. Throws `notFound` when the kernel gave us none.
    package static func open() throws(ImageError) -> ImageFile {
        guard let contents = contents(),
            let file = try? OwnedDescriptor.memory(named: "vdso", contents: contents)
        else { throw .notFound }
        return try ImageFile(file)
    }

    /// Where `[vdso]` lies in a /proc/PID/maps text.
    private static func range(in maps: String) -> Range<Int>? {
        guard let line = maps.split(separator: "\n").first(where: { $0.hasSuffix("[vdso]") }) else {
            return nil
        }
        let ends = line.prefix { $0 != " " }.split(separator: "-").compactMap { Int($0, radix: 16) }
        guard ends.count == 2, ends[0] < ends[1], ends[1] - ends[0] <= 1 << 20 else { return nil }
        return ends[0]..<ends[1]
    }
}
