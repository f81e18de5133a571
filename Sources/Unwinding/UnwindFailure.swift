/// Why a frame cannot be left.
package enum UnwindFailure: Error, Hashable, Sendable {
    /// No frame description covers the address.
    case notCovered
    /// The frame description is malformed, before or at the address.
    case malformed(CallFrameError)
    /// A word that is needed cannot be read, at this process address.
    case unreadable(UInt64)
    /// A register that is needed is not known, by its DWARF number.
    case unknownRegister(UInt8)
    /// An expression is malformed, takes too long, or has an operation that makes no sense here.
    case badExpression
    /// The CFA or the return address has no rule.
    case noRule
}
