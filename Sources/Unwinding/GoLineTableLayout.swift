import ByteReading

/// Where the parts of a Go line table are, which its header tells; they moved with Go 1.16 and 1.18.
struct GoLineTableLayout {
    /// What function entries are.
    enum Text {
        case absolute
        case relative(to: UInt64)
    }

    /// Entries of the function table; one more, which has only an address, ends it.
    let count: UInt64
    /// Offsets from the line table's beginning.
    let functions: UInt64
    /// What the function table's offsets are relative to.
    let details: UInt64
    let names: UInt64
    let deltas: UInt64
    let text: Text
    /// Since Go 1.20 functions may begin with PUSHQ BP in place of SUBQ and MOVQ; since 1.21 they do.
    let mayPushFramePointer: Bool

    /// Whether the function table has 4 bytes for an address, and for an offset; else 8.
    var hasNarrowEntries: Bool {
        if case .relative = text { true } else { false }
    }

    /// Throws also for tables of other versions and machines.
    init(parsing bytes: RawSpan) throws(ReadError) {
        var reader = ByteReader(bytes)
        let magic = try reader.read(UInt32.self)
        let zeros = try reader.read(UInt16.self)
        let quantum = try reader.read(UInt8.self)
        let pointerSize = try reader.read(UInt8.self)
        guard zeros == 0, quantum == 1, pointerSize == 8 else {
            throw ReadError(.endOfBytes, at: 4)
        }
        count = try reader.read()
        mayPushFramePointer = magic == 0xffff_fff1
        switch magic {
        case 0xffff_fffb:  // Go 1.2: one piece
            (names, deltas, details, functions) = (0, 0, 0, 16)
            text = .absolute
        case 0xffff_fffa, 0xffff_fff0, 0xffff_fff1:  // Go 1.16, 1.18, 1.20
            try reader.skip(8)  // files
            text = magic == 0xffff_fffa ? .absolute : .relative(to: try reader.read())
            names = try reader.read()
            try reader.skip(16)  // compilation units, file names
            deltas = try reader.read()
            details = try reader.read()
            functions = details
        default: throw ReadError(.endOfBytes, at: 0)
        }
    }
}
