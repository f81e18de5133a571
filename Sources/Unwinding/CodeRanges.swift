import CSampleABI
import ProfileModel

/// Where an image has code.
struct CodeRanges {
    /// Sorted and disjoint; at least one, none is empty.
    let ranges: [Range<UInt64>]
    /// The lowest address, rounded down to a page.
    let base: UInt64
    /// Pages up to the highest address.
    let pageCount: Int

    /// MAX_UNWIND_PAGES of `unwind_abi.h`, whose expression Swift does not import.
    static let maximumPages = UInt64(
        (Int(SEGMENT_BYTES) - MemoryLayout<unwind_directory>.size) / MemoryLayout<unwind_page>.size)

    init(_ segments: [Range<ImageAddress>]) throws(UnwindTableError) {
        var ranges: [Range<UInt64>] = []
        for segment in segments.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            let start = max(segment.lowerBound.value, ranges.last?.upperBound ?? 0)
            if start < segment.upperBound.value { ranges.append(start..<segment.upperBound.value) }
        }
        guard let first = ranges.first, let last = ranges.last else { throw .noCode }
        base = first.lowerBound & ~UInt64(UNWIND_PAGE_BYTES - 1)
        let pages = (last.upperBound - 1 - base) / UInt64(UNWIND_PAGE_BYTES) + 1
        guard pages <= Self.maximumPages else { throw .codeTooWide }
        pageCount = Int(pages)
        self.ranges = ranges
    }
}
