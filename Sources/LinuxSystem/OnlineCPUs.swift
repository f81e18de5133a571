/// The kernel's CPU lists, such as `0-3,8`.
package enum OnlineCPUs {
    /// CPUs that run now, from `/sys/devices/system/cpu/online`.
    package static func current() throws(SystemCallError) -> [UInt32] {
        let text = try OwnedDescriptor.contents(
            of: "/sys/devices/system/cpu/online", limit: 1 << 16)
        return parse(String(decoding: text, as: UTF8.self))
    }

    /// Parses the list format of `Documentation/admin-guide/cputopology.rst`; odd parts are skipped.
    package static func parse(_ text: String) -> [UInt32] {
        text.split { $0 == "," || $0.isWhitespace }.flatMap { part -> [UInt32] in
            let ends = part.split(separator: "-").compactMap { UInt32($0) }
            guard let first = ends.first, let last = ends.last, first <= last, last < 1 << 16 else {
                return []
            }
            return Array(first...last)
        }
    }
}
