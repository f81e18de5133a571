/// Why a row's rules do not fit `struct unwind_rule`.
package enum UnsupportedCause: Int, Error, Hashable, Sendable, CaseIterable {
    /// No CFA, or an expression of a shape that is not known.
    case cfaExpression
    /// The CFA's offset or addend has too many bits.
    case cfaOffset
    /// The caller's stack pointer is not the CFA: `longjmp` just before it jumps.
    case stackPointer
    /// A signal frame that is not laid out as the kernel's.
    case signalFrame
    /// The return address is neither in memory near the CFA nor in a register.
    case returnAddress
    /// The image has more rules than fit.
    case tooManyRules
    /// The row's instructions are malformed.
    case malformed
}
