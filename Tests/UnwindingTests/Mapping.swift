import Glibc

/// A line of /proc/self/maps.
struct Mapping {
    var range: Range<UInt64>
    var offset: UInt64
    var isExecutable: Bool
    var path: String

    static func ofThisProcess() -> [Mapping] {
        guard let file = fopen("/proc/self/maps", "r") else { return [] }
        defer { fclose(file) }
        var mappings: [Mapping] = []
        var buffer = [CChar](repeating: 0, count: 4096)
        while fgets(&buffer, Int32(buffer.count), file) != nil {
            let bytes = buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
            let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
            let ends = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            guard words.count >= 5, ends.count == 2, let offset = UInt64(words[2], radix: 16)
            else { continue }
            mappings.append(
                Mapping(
                    range: ends[0]..<ends[1], offset: offset, isExecutable: words[1].contains("x"),
                    path: words.count > 5 ? String(words[5]) : ""))
        }
        return mappings
    }
}
