import CSampleABI

/// Lays out rows in pages. Rows come in the order of their addresses.
///
///     address = base + page × 64 KiB + offset in page
struct RowWriter {
    private let base: UInt64
    private(set) var rows: [UInt32] = []
    /// Which rows are a page's; none: the page is uncovered throughout.
    private(set) var pages: [Range<Int>]
    /// The page whose rows are being written; -1 before the first.
    private var page = -1
    private var pageStart = 0
    private var ruleInForce: UInt16 = 0

    init(base: UInt64, pageCount: Int) {
        self.base = base
        pages = [Range<Int>](repeating: 0..<0, count: pageCount)
    }

    /// From the address on, the rule holds.
    ///
    /// - Parameter address: in the pages, or at their end; greater than that of the last row.
    mutating func append(at address: UInt64, rule: UInt16) {
        guard rule != ruleInForce else { return }
        let position = address - base
        let offset = UInt32(truncatingIfNeeded: position % UInt64(UNWIND_PAGE_BYTES))
        let target = Int(position / UInt64(UNWIND_PAGE_BYTES))
        if target != page { move(to: target, repeatsRule: offset > 0) }
        if target < pages.count { rows.append(offset | UInt32(rule) << 16) }
        ruleInForce = rule
    }

    /// Ends the last page.
    mutating func finish() { move(to: pages.count, repeatsRule: false) }

    /// Each page begins with a row; those in between have only the rule in force.
    private mutating func move(to target: Int, repeatsRule: Bool) {
        if page >= 0, page < pages.count { pages[page] = pageStart..<rows.count }
        if ruleInForce != 0 {
            for between in min(page + 1, pages.count)..<min(target, pages.count) {
                pages[between] = rows.count..<rows.count + 1
                rows.append(UInt32(ruleInForce) << 16)
            }
        }
        page = target
        pageStart = rows.count
        if repeatsRule, target < pages.count { rows.append(UInt32(ruleInForce) << 16) }
    }
}
