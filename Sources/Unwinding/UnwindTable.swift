package import CSampleABI
package import ProfileModel

/// How to unwind one image: rows of pages of 64 KiB of its code, as `unwind_abi.h` lays them out.
///
/// address ──baseAddress──▶ page ──search──▶ row ──▶ rule
package struct UnwindTable: Sendable {
    /// Image address of the first page: the lowest code, rounded down to 64 KiB.
    package let baseAddress: ImageAddress
    /// The rows of each page. Sorted, the first at offset 0; none: nothing in the page is covered.
    package let pages: [Range<Int>]
    /// ROW_OFFSET in the low half, ROW_RULE in the high half.
    package let rows: [UInt32]
    /// Each once; the first is `uncovered`, the second `unsupported`. At most MAX_RULES.
    package let rules: [unwind_rule]
    package let counters: UnwindCounters

    /// The rule at an image address; `uncovered` also outside the pages.
    package func rule(at address: ImageAddress) -> unwind_rule {
        guard address >= baseAddress else { return .uncovered }
        let position = address.value - baseAddress.value
        let page = position / UInt64(UNWIND_PAGE_BYTES)
        guard page < UInt64(pages.count) else { return .uncovered }
        let range = pages[Int(page)]
        guard !range.isEmpty else { return .uncovered }
        let offset = UInt32(truncatingIfNeeded: position) & 0xffff
        var low = range.lowerBound
        var high = range.upperBound
        while high - low > 1 {
            let middle = (low + high) / 2
            if rows[middle] & 0xffff <= offset { low = middle } else { high = middle }
        }
        return rules[Int(rows[low] >> 16)]
    }

    /// Bytes of rows, rules and pages in the arena, alignment aside.
    package var byteCount: Int {
        rows.count * MemoryLayout<UInt32>.size + rules.count * MemoryLayout<unwind_rule>.size
            + pages.count * MemoryLayout<unwind_page>.size
    }
}

/// Why an image can have no table.
package enum UnwindTableError: Error, Hashable, Sendable {
    /// No executable segment.
    case noCode
    /// Executable segments lie further apart than MAX_UNWIND_PAGES pages.
    case codeTooWide
    /// More rows than `UnwindTable.maximumRows`.
    case tooManyRows
}

extension UnwindTable {
    /// Nine times those of clang, which is 167 MB; 64 MiB of them.
    package static let maximumRows = 1 << 24
}
