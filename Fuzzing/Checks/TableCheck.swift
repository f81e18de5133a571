import CSampleABI

@testable package import Unwinding

extension UnwindTable {
    /// What readers that do not check rely on: `unwind_abi.h`.
    package func check() {
        var next = 0
        for range in pages where !range.isEmpty {
            precondition(range.lowerBound == next && range.count <= Int(MAX_PAGE_ROWS))
            precondition(rows[next] & 0xffff == 0)
            for index in range.dropFirst() {
                precondition(rows[index - 1] & 0xffff < rows[index] & 0xffff)
            }
            next = range.upperBound
        }
        precondition(next == rows.count)
        precondition(rules.count <= Int(MAX_RULES))
        for row in rows { precondition(Int(row >> 16) < rules.count) }
        for rule in rules { rule.check() }
    }
}

extension unwind_rule {
    fileprivate func check() {
        precondition(UInt32(cfa) < CFA_KIND_COUNT.rawValue)
        precondition(UInt32(fp) < SAVED_FP_KIND_COUNT.rawValue)
        precondition(UInt32(return_kind) < RETURN_KIND_COUNT.rawValue)
        precondition(cfa_register < Register.returnAddress)
        if UInt32(return_kind) == RETURN_IN_REGISTER.rawValue {
            precondition(0..<Int16(Register.returnAddress) ~= return_offset)
        }
    }
}
