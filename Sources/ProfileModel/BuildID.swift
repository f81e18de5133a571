/// The linker's identity for an image: the bytes of its `NT_GNU_BUILD_ID` note.
///
/// Usually 20 bytes (SHA-1); the kernel reports at most 20 in `PERF_RECORD_MMAP2`. An image without
/// such a note gets a content hash in its place (`isContentHash`), so that it still has one identity.
package struct BuildID: Hashable, Sendable {
    /// 1 to 64 bytes.
    package let bytes: [UInt8]
    /// Whether we made this from the file's content because the linker wrote no note.
    package let isContentHash: Bool

    /// Nil when `bytes` is empty or longer than 64 bytes: no linker writes such a note.
    package init?(_ bytes: [UInt8], isContentHash: Bool = false) {
        guard (1...64).contains(bytes.count) else { return nil }
        self.bytes = bytes
        self.isContentHash = isContentHash
    }

    /// Reads lower- or upper-case hexadecimal, as `file` and `readelf -n` print it.
    package init?(hexadecimal text: some StringProtocol) {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for pair in stride(from: 0, to: digits.count, by: 2) {
            guard
                let byte = UInt8(
                    String(decoding: digits[pair..<pair + 2], as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(byte)
        }
        self.init(bytes)
    }

    /// Lower-case hexadecimal.
    package var hexadecimal: String {
        var text = ""
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            if byte < 16 { text.append("0") }
            text.append(String(byte, radix: 16))
        }
        return text
    }
}

extension BuildID: CustomStringConvertible {
    package var description: String { hexadecimal }
}
