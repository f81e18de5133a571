/// A cursor over a part of a debug section; errors speak of offsets in the section. Never traps,
/// whatever the bytes are: every read is bounded.
///
/// `ByteReader` would do, but calls into another module are not inlined, and a unit's entries and its
/// line program are read byte by byte: that took half of all time.
struct DebugReader: ~Escapable {
    private let bytes: RawSpan
    private let section: DebugSection
    /// Where the part begins in its section.
    private let origin: UInt64
    /// Of the next read, from the part's first byte.
    private var position = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, of section: DebugSection, from origin: UInt64) {
        self.bytes = bytes
        self.section = section
        self.origin = origin
    }

    var offset: UInt64 { origin &+ UInt64(position) }
    var isAtEnd: Bool { position == bytes.byteCount }
    private var remaining: Int { bytes.byteCount - position }

    @inline(__always)
    mutating func readByte() throws(DWARFError) -> UInt8 {
        guard position < bytes.byteCount else { throw error(.truncated) }
        // Safe because the position was just compared with the count, and is never negative.
        let value = unsafe bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
        position += 1
        return value
    }

    /// A number of fixed width, little-endian.
    @inline(__always)
    mutating func read<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type
    ) throws(DWARFError) -> T {
        guard remaining >= MemoryLayout<T>.size else { throw error(.truncated) }
        // Safe because so many bytes were just found to remain.
        let value = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position, as: type)
        position += MemoryLayout<T>.size
        return T(littleEndian: value)
    }

    /// Unsigned LEB128 (DWARF 5 §7.6).
    mutating func readULEB128() throws(DWARFError) -> UInt64 {
        let first = try readByte()
        if first < 0x80 { return UInt64(first) }
        var result = UInt64(first & 0x7f)
        var shift: UInt64 = 7
        while true {
            let byte = try readByte()
            let bits = UInt64(byte & 0x7f)
            if shift > 63 || (shift == 63 && bits > 1) { throw error(.tooLarge) }
            result |= bits << shift
            if byte < 0x80 { return result }
            shift += 7
        }
    }

    /// Signed LEB128 (DWARF 5 §7.6).
    mutating func readSLEB128() throws(DWARFError) -> Int64 {
        var result: Int64 = 0
        var shift: Int64 = 0
        while true {
            let byte = try readByte()
            guard shift <= 63 else { throw error(.tooLarge) }
            result |= Int64(byte & 0x7f) << shift
            shift += 7
            if byte < 0x80 { return shift < 64 && byte & 0x40 != 0 ? result | -1 << shift : result }
        }
    }

    mutating func skip(_ count: UInt64) throws(DWARFError) {
        guard count <= UInt64(remaining) else { throw error(.truncated) }
        position += Int(count)
    }

    /// Moves to an offset of the section, which must lie in this part or at its end.
    mutating func seek(to offset: UInt64) throws(DWARFError) {
        guard offset >= origin else { throw error(.badReference) }
        guard offset - origin <= UInt64(bytes.byteCount) else { throw error(.truncated) }
        position = Int(offset - origin)
    }

    /// A zero-terminated string of at most `limit` bytes; bytes that are not UTF-8 are replaced.
    mutating func readText(limit: Int) throws(DWARFError) -> String {
        let start = position
        try skipText()
        guard position - start - 1 <= limit else { throw error(.tooLarge) }
        let text = bytes.extracting(start..<position - 1)
        return unsafe text.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    func error(_ code: DWARFError.Code) -> DWARFError {
        DWARFError(code, in: section, at: offset)
    }
}

extension DebugReader {
    /// 4 bytes, or the escape and 8 bytes: the 64-bit format (DWARF 5 §7.4).
    mutating func readLength() throws(DWARFError) -> (length: UInt64, isWide: Bool) {
        let length = try read(UInt32.self)
        if length == 0xffff_ffff { return (try read(UInt64.self), true) }
        guard length < 0xffff_fff0 else { throw error(.badLength) }
        return (UInt64(length), false)
    }

    /// An offset in a section: 8 bytes in the 64-bit format, else 4.
    mutating func readOffset(isWide: Bool) throws(DWARFError) -> UInt64 {
        isWide ? try read(UInt64.self) : UInt64(try read(UInt32.self))
    }

    /// Passes over a zero-terminated string.
    mutating func skipText() throws(DWARFError) {
        while try readByte() != 0 {}
    }

    /// An unsigned number of 1, 2, 3, 4 or 8 bytes.
    mutating func readUnsigned(byteCount: Int) throws(DWARFError) -> UInt64 {
        switch byteCount {
        case 1: return UInt64(try readByte())
        case 2: return UInt64(try read(UInt16.self))
        case 3:
            let low = UInt64(try read(UInt16.self))
            return low | UInt64(try readByte()) << 16
        case 4: return UInt64(try read(UInt32.self))
        case 8: return try read(UInt64.self)
        default: throw error(.unexpectedForm)
        }
    }
}
