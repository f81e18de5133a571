/// A frame description entry, FDE: a range of code and its instructions (DWARF 5 §6.4.1, LSB 5
/// §10.6.1.2).
struct FrameDescription: Sendable {
    /// Image addresses; the range is not empty.
    let start: UInt64
    let end: UInt64
    /// Where the instructions are in the section.
    let instructions: Range<UInt32>
    /// Index of its common information in the `CallFrameIndex`.
    let common: UInt32

    var range: (start: UInt64, end: UInt64) { (start, end) }

    /// Reads the entry; nil for an empty range.
    init?(
        reading entry: CallFrameEntry, common: CommonInformation, at index: Int,
        in section: borrowing CallFrameSection
    ) throws(CallFrameError) {
        var reader = section.reader(over: entry.body)
        start = try reader.readAddress(common.encoding, in: section)
        let length = try reader.readValue(common.encoding)
        let (end, overflow) = start.addingReportingOverflow(length)
        if overflow { throw CallFrameError(.overflow, at: entry.offset) }
        if common.hasAugmentationData { try reader.skip(try reader.readULEB128()) }
        if length == 0 { return nil }
        self.end = end
        instructions = UInt32(clamping: reader.offset)..<entry.body.upperBound
        self.common = UInt32(clamping: index)
    }
}
