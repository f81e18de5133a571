import CSampleABI

/// How a Go function keeps the frame pointer. Its deltas do not say so, but the prologue is always
/// one of these (Go's src/cmd/internal/obj/x86/obj6.go):
///
///     SUBQ $size, SP;  MOVQ BP, size−8(SP);  LEAQ size−8(SP), BP        up to Go 1.20
///     PUSHQ BP;  MOVQ SP, BP;  SUBQ $size−8, SP                         Go 1.21 and later
///
/// Either way the caller's frame pointer is saved at cfa − 16, and then fp = cfa − 16.
struct GoFrame {
    /// From where on the caller's frame pointer is saved; nil: the function has no frame.
    private var savedFrom: UInt64?
    /// From where on the frame pointer is the function's own.
    private var ownFrom: UInt64 = 0

    /// Whether the function has no frame.
    var isEmpty: Bool { savedFrom == nil }

    init(of function: GoFunction, in lines: borrowing GoLineTable) {
        var first: (start: UInt64, delta: Int32)?
        _ = lines.forEachDelta(of: function) { start, _, delta in
            if first == nil, delta >= 8 { first = (start, delta) }
        }
        guard let first else { return }
        if first.delta == 8, lines.layout.mayPushFramePointer {
            savedFrom = first.start
            ownFrom = first.start &+ 3  // MOVQ
        } else {
            // MOVQ and LEAQ are as long as their displacement makes them.
            let length: UInt64 = first.delta == 8 ? 4 : first.delta - 8 <= 127 ? 5 : 8
            savedFrom = first.start &+ length
            ownFrom = first.start &+ 2 &* length
        }
    }

    /// Calls `row` with addresses, in order, and the rule that holds from there. What follows the
    /// last delta is padding, where the last rule goes on.
    func forEachRow(
        of function: GoFunction, in lines: borrowing GoLineTable,
        _ row: (UInt64, unwind_rule) -> Void
    ) {
        var end = function.start
        let isWhole = lines.forEachDelta(of: function) { start, next, delta in
            row(start, rule(delta, at: start, function.role))
            if let saved = savedFrom, saved > start, saved < next {
                row(saved, rule(delta, at: saved, function.role))
            }
            if function.role.switchesStack, ownFrom > start, ownFrom < next {
                row(ownFrom, rule(delta, at: ownFrom, function.role))
            }
            end = next
        }
        if !isWhole, end < function.end { row(end, .uncovered) }
    }

    /// cfa = sp + delta + 8, or with a stack switch cfa = fp + 16;  return address = [cfa − 8]
    ///
    /// A function that switches stacks but has no frame runs with its caller's frame pointer: that
    /// leads to where the caller returns, which passes over the caller, but on the right stack. So it
    /// is with `systemstack` up to Go 1.20, whose callers are many; for `asmcgocall` see `GoCallToC`.
    private func rule(
        _ delta: Int32, at address: UInt64, _ role: GoFunction.Role
    ) -> unwind_rule {
        var rule = unwind_rule(cfa: CFA_SP)
        rule.cfa_offset = delta + 8
        rule.setReturn(RETURN_AT_CFA, -8)
        let isSaved = savedFrom.map { delta >= 8 && address >= $0 } ?? role.switchesStack
        if isSaved { rule.setFramePointer(SAVED_FP_AT_CFA, offset: -16) }
        if role.switchesStack, isSaved, savedFrom == nil || address >= ownFrom {
            rule.setCFA(Register.framePointer, offset: 16)
        }
        return rule
    }
}
