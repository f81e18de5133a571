package import ELFImage
import ProfileModel

extension ImageFile {
    /// Symbols read at a time.
    private static var symbolsPerRead: UInt64 { 32_768 }
    /// Bytes of names read at a time.
    private static var window: Int { 1 << 20 }
    /// Longer names are cut.
    private static var longestString: Int { 32 * 1024 }

    /// Calls `body` with every symbol of a table that names code.
    package func forEachFunction(
        in table: SectionHeader, _ body: (ELFSymbol) -> Void
    ) throws(ImageError) {
        guard !table.isCompressed else {
            let bytes = try contents(of: table)
            return ELFSymbol.forEachFunction(in: bytes.span.bytes, sections: sections, body)
        }
        let step = Self.symbolsPerRead * UInt64(ELFSymbol.byteCount)
        var offset: UInt64 = 0
        while offset < table.size {
            let part = try bytes(
                at: FileOffset(table.offset &+ offset), count: min(step, table.size - offset))
            ELFSymbol.forEachFunction(in: part.span.bytes, sections: sections, body)
            offset += step
        }
    }

    /// Calls `body` with strings of a string table, without their ending zeros, in the order of
    /// `offsets`, which is best ascending: the section is read in windows. One that lies outside the
    /// section is empty.
    package func strings(
        of section: SectionHeader, at offsets: [UInt32], _ body: (Int, RawSpan) -> Void
    ) throws(ImageError) {
        var bytes: [UInt8] = []
        var start: UInt64 = 0
        let isWhole = section.isCompressed
        if isWhole { bytes = try contents(of: section) }
        let size = isWhole ? UInt64(bytes.count) : section.size
        for (number, offset) in offsets.enumerated() {
            let offset = UInt64(offset)
            guard offset < size else {
                body(number, RawSpan())
                continue
            }
            let needed = min(size, offset + UInt64(Self.longestString))
            if !isWhole, offset < start || needed > start + UInt64(bytes.count) {
                start = offset
                let count = min(UInt64(Self.window), size - start)
                bytes = try self.bytes(at: FileOffset(section.offset &+ start), count: count)
            }
            let place = Int(offset - start)
            let end = min(bytes.count, place + Self.longestString)
            let length = bytes[place..<end].firstIndex(of: 0).map { $0 - place } ?? end - place
            body(number, bytes.span.bytes.extracting(place..<place + length))
        }
    }
}
