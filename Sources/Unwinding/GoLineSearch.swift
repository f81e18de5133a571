import ByteReading
import ProfileModel

/// Finds Go's line table where no section is named for it: in a PIE, a linker that is not Go's own
/// merges it into `.data.rel.ro`.
package enum GoLineSearch {
    /// There is one in an image; chance may bring others, and hostile files many.
    package static let maximumCount = 16

    /// Offsets of what looks like a line table: a header of a known version, and a function table that
    /// lies within the bytes.
    package static func offsets(in bytes: RawSpan) -> [Int] {
        var offsets: [Int] = []
        var reader = ByteReader(bytes)
        while offsets.count < maximumCount, let word = try? reader.read(UInt64.self) {
            // Behind the magic number two zeros, quantum 1, pointer size 8.
            guard word >> 32 == 0x0801_0000 else { continue }
            let start = reader.offset - 8
            // Where the code begins does not matter to what is checked.
            let table = GoLineTable(
                bytes.extracting(start..<bytes.byteCount), text: ImageAddress(0))
            if table?.isSound ?? false { offsets.append(start) }
        }
        return offsets
    }
}
