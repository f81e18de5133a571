import Driver

@testable import ImageFiles

/// What is compressed in ELF files: SHF_COMPRESSED sections with zlib and zstd, `.zdebug` sections, xz.
@main
struct CompressedSections: FuzzTarget {
    private static let limit = 1 << 20

    static func run(_ input: RawSpan) {
        let bytes = unsafe input.withUnsafeBytes { unsafe [UInt8]($0) }
        check(try? CompressedBytes.unpackSection(bytes, limit: limit))
        check(try? CompressedBytes.unpackOldSection(bytes, limit: limit))
        check(try? CompressedBytes.unpackXz(bytes, limit: limit))
    }

    private static func check(_ unpacked: [UInt8]?) {
        precondition(unpacked?.count ?? 0 <= limit)
    }
}
