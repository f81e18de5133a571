import ByteReading

/// A cursor over a part of a call frame section; errors speak of offsets in the section.
struct CallFrameReader: ~Escapable {
    private var reader: ByteReader
    /// Where the part begins in its section.
    private let origin: UInt64

    /// Clamps the range to the bytes.
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, range: Range<UInt32>) {
        let range = Range(range).clamped(to: 0..<bytes.byteCount)
        reader = ByteReader(bytes.extracting(range))
        origin = UInt64(range.lowerBound)
    }

    var offset: UInt64 { origin + UInt64(reader.offset) }
    var isAtEnd: Bool { reader.isAtEnd }

    mutating func readByte() throws(CallFrameError) -> UInt8 {
        do { return try reader.read(UInt8.self) } catch { throw truncated }
    }

    mutating func read<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type
    ) throws(CallFrameError) -> T {
        do { return try reader.read(type) } catch { throw truncated }
    }

    mutating func readULEB128() throws(CallFrameError) -> UInt64 {
        do { return try reader.readULEB128() } catch { throw truncated }
    }

    mutating func readSLEB128() throws(CallFrameError) -> Int64 {
        do { return try reader.readSLEB128() } catch { throw truncated }
    }

    mutating func skip(_ count: UInt64) throws(CallFrameError) {
        do { try reader.skip(count) } catch { throw truncated }
    }

    /// A block as DW_CFA_expression has it: a length and so many bytes, which are skipped.
    mutating func readBlock() throws(CallFrameError) -> ExpressionBytes {
        let count = try readULEB128()
        let start = offset
        try skip(count)
        return ExpressionBytes(offset: UInt32(start), count: UInt32(count))
    }

    private var truncated: CallFrameError { CallFrameError(.truncated, at: offset) }
}

extension Range<Int> {
    fileprivate init(_ range: Range<UInt32>) {
        self = Int(range.lowerBound)..<Int(range.upperBound)
    }
}
