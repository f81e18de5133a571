import Glibc

/// What this process costs: CPU time since it started, and memory now.
package struct ResourceUsage: Sendable {
    /// User and system time of all threads, in seconds (`getrusage(2)`).
    package let processorSeconds: Double
    /// `VmRSS` of `/proc/self/status`, bytes: shared file pages included.
    package let residentBytes: Int64
    /// `RssAnon`: what nobody else pays for.
    package let anonymousBytes: Int64
    /// Kernel memory of our BPF maps, ring included (`memlock` in `/proc/self/fdinfo`); nil when
    /// that cannot be read.
    package let mapBytes: Int64?

    package static func current() -> ResourceUsage {
        var usage = rusage()
        unsafe getrusage(RUSAGE_SELF.rawValue, &usage)
        let status = (try? OwnedDescriptor.contents(of: "/proc/self/status")) ?? []
        let fields = fields(of: status)
        return ResourceUsage(
            processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            residentBytes: (fields["VmRSS"] ?? 0) * 1024,
            anonymousBytes: (fields["RssAnon"] ?? 0) * 1024, mapBytes: mapBytes())
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    /// `Name:  123 kB` lines; the unit is dropped.
    private static func fields(of bytes: [UInt8]) -> [String: Int64] {
        var fields: [String: Int64] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2,
                let number = parts[1].split(whereSeparator: \.isWhitespace).first
            else { continue }
            fields[String(parts[0])] = Int64(number)
        }
        return fields
    }

    private static func mapBytes() -> Int64? {
        guard let descriptors = try? DirectoryListing.names(in: "/proc/self/fdinfo") else {
            return nil
        }
        var bytesByMap: [Int64: Int64] = [:]
        for number in descriptors {
            guard let text = try? OwnedDescriptor.contents(of: "/proc/self/fdinfo/\(number)"),
                case let fields = fields(of: text), let map = fields["map_id"]
            else { continue }
            bytesByMap[map] = fields["memlock"] ?? 0
        }
        return bytesByMap.values.reduce(0, +)
    }
}
