import CSampleABI

/// A signal frame. The kernel leaves at sp, when the handler has returned, a `struct ucontext` (Linux
/// arch/x86/include/uapi/asm/sigcontext.h); the C library's restorer has expressions into it:
///
///     ucontext + 40 + 8 × 10   rbp
///     ucontext + 40 + 8 × 15   rsp, the CFA
///     ucontext + 40 + 8 × 16   rip, the return address
extension unwind_rule {
    private static let stackPointerOffset: Int64 = 160

    /// cfa_offset becomes the ucontext's offset from sp. Throws when the three do not lie so.
    static func signalFrame(
        _ cfa: ExpressionBytes, _ rules: borrowing CallFrameRules,
        in section: borrowing CallFrameSection
    ) throws(UnsupportedCause) -> unwind_rule {
        guard let cfa = LinearExpression(cfa, in: section),
            cfa.register == Register.stackPointer, cfa.isDereferenced, cfa.addend == 0,
            case .expression(let address) = rules.returnAddress,
            let address = LinearExpression(address, in: section),
            case .expression(let pointer) = rules.framePointer,
            let pointer = LinearExpression(pointer, in: section),
            address.isSlot(after: cfa, by: 8), pointer.isSlot(after: cfa, by: -40)
        else { throw .signalFrame }
        // The C library says of every register where it is, also of this one; it is the CFA's slot.
        switch rules.stackPointer {
        case .unspecified, .valueOffset(0): break
        case .expression(let slot):
            guard let slot = LinearExpression(slot, in: section), slot.isSlot(after: cfa, by: 0)
            else { throw .stackPointer }
        default: throw .stackPointer
        }
        var rule = unwind_rule(cfa: CFA_SIGNAL)
        let (start, overflow) = cfa.offset.subtractingReportingOverflow(stackPointerOffset)
        guard !overflow, let start = Int32(exactly: start) else { throw .cfaOffset }
        rule.cfa_offset = start
        return rule
    }
}

extension LinearExpression {
    /// Whether this is the address of the word so many bytes after the one the other reads.
    fileprivate func isSlot(after other: LinearExpression, by distance: Int64) -> Bool {
        let (expected, overflow) = other.offset.addingReportingOverflow(distance)
        return !overflow && !isDereferenced && register == other.register && offset == expected
    }
}
