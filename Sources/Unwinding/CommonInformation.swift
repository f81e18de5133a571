/// A common information entry, CIE: what many frame descriptions share (DWARF 5 §6.4.1, LSB 5
/// §10.6.1.1).
struct CommonInformation: Sendable {
    /// Offset in the section: its name.
    let offset: UInt64
    let codeAlignment: UInt64
    let dataAlignment: Int64
    /// How its frame descriptions write addresses.
    let encoding: PointerEncoding
    /// Augmentation `z`: frame descriptions carry data that is skipped.
    let hasAugmentationData: Bool
    /// Augmentation `S`: the frame was interrupted by a signal, its address is no return address.
    let isSignalFrame: Bool
    /// What its instructions set: where each of its frame descriptions begins.
    var initialRules = CallFrameRules()
    /// The instructions.
    let instructions: Range<UInt32>

    /// Reads the entry, but does not run its instructions.
    init(
        reading entry: CallFrameEntry, in section: borrowing CallFrameSection
    ) throws(CallFrameError) {
        var reader = section.reader(over: entry.body)
        let version = try reader.readByte()
        guard version == 1 || version == 3 || version == 4 else {
            throw CallFrameError(.unsupportedVersion, at: entry.offset)
        }
        var augmentation = try Augmentation(readingLetters: &reader)
        if version == 4 {
            let addressSize = try reader.readByte()
            let selectorSize = try reader.readByte()
            guard addressSize == 8, selectorSize == 0 else {
                throw CallFrameError(.unsupportedMachine, at: entry.offset)
            }
        }
        offset = entry.offset
        codeAlignment = try reader.readULEB128()
        dataAlignment = try reader.readSLEB128()
        let column = version == 1 ? UInt64(try reader.readByte()) : try reader.readULEB128()
        guard column == UInt64(Register.returnAddress) else {
            throw CallFrameError(.unsupportedMachine, at: entry.offset)
        }
        try augmentation.readData(&reader, in: section)
        encoding = augmentation.encoding
        hasAugmentationData = augmentation.hasData
        isSignalFrame = augmentation.isSignalFrame
        instructions = UInt32(clamping: reader.offset)..<entry.body.upperBound
    }
}

/// The augmentation of a common information entry: letters, and data for some of them.
private struct Augmentation {
    /// More than there are letters.
    static let maximumLetters = 8

    private var letters: UInt64 = 0
    var encoding = PointerEncoding.absolute
    var isSignalFrame = false

    /// `z`, the first letter, tells that data with a length is there.
    var hasData: Bool { letters & 0xff == UInt64(UInt8(ascii: "z")) }

    init(readingLetters reader: inout CallFrameReader) throws(CallFrameError) {
        for index in 0...Self.maximumLetters {
            let letter = try reader.readByte()
            if letter == 0 {
                guard index == 0 || hasData else { break }
                return
            }
            letters |= UInt64(letter) << UInt64(index * 8)
        }
        throw CallFrameError(.unknownAugmentation, at: reader.offset)
    }

    mutating func readData(
        _ reader: inout CallFrameReader, in section: borrowing CallFrameSection
    ) throws(CallFrameError) {
        guard hasData else { return }
        let count = try reader.readULEB128()
        let start = reader.offset
        var rest = letters >> 8
        while rest != 0 {
            switch UInt8(truncatingIfNeeded: rest) {
            case UInt8(ascii: "R"): encoding = PointerEncoding(value: try reader.readByte())
            case UInt8(ascii: "P"):
                let encoding = PointerEncoding(value: try reader.readByte())
                try reader.skipPointer(encoding, in: section)
            case UInt8(ascii: "L"): try reader.skip(1)
            case UInt8(ascii: "S"): isSignalFrame = true
            case UInt8(ascii: "B"), UInt8(ascii: "G"): break  // AArch64: pointer signing, tagging
            default: throw CallFrameError(.unknownAugmentation, at: start)
            }
            rest >>= 8
        }
        let used = reader.offset - start
        guard used <= count else { throw CallFrameError(.truncated, at: start) }
        try reader.skip(count - used)
    }
}
