package import CSampleABI

/// The rules that stand for themselves; `unwind_abi.h` says what the fields mean.
extension unwind_rule {
    /// Not covered by call frame information.
    package static let uncovered = unwind_rule(cfa: CFA_NONE)
    /// The outermost frame.
    package static let outermost = unwind_rule(cfa: CFA_END)
    /// Covered by rules that do not fit.
    package static let unsupported = unwind_rule(cfa: CFA_UNSUPPORTED)

    init(cfa: cfa_kind) {
        self.init()
        self.cfa = UInt8(truncatingIfNeeded: cfa.rawValue)
    }

    /// cfa = reg[register] + offset, in the shortest form.
    mutating func setCFA(_ register: UInt8, offset: Int32) {
        switch register {
        case Register.stackPointer: setKind(CFA_SP)
        case Register.framePointer: setKind(CFA_FP)
        default:
            setKind(CFA_REGISTER)
            cfa_register = register
        }
        cfa_offset = offset
    }

    /// Whether a caller that needs its frame pointer cannot be left.
    var hasLostFramePointer: Bool { fp == UInt8(truncatingIfNeeded: SAVED_FP_LOST.rawValue) }

    mutating func setKind(_ kind: cfa_kind) { cfa = UInt8(truncatingIfNeeded: kind.rawValue) }

    mutating func setFramePointer(_ kind: saved_fp_kind, offset: Int16 = 0) {
        fp = UInt8(truncatingIfNeeded: kind.rawValue)
        fp_offset = offset
    }

    mutating func setReturn(_ kind: return_kind, _ offset: Int16) {
        return_kind = UInt8(truncatingIfNeeded: kind.rawValue)
        return_offset = offset
    }
}

extension unwind_rule {
    package static func == (left: Self, right: Self) -> Bool {
        left.words == right.words
    }

    /// All 16 bytes, as numbers.
    var words: (UInt64, UInt64) {
        let kinds =
            UInt64(cfa) | UInt64(cfa_register) << 8 | UInt64(fp) << 16 | UInt64(return_kind) << 24
        let offsets =
            UInt64(UInt16(bitPattern: fp_offset)) | UInt64(UInt16(bitPattern: bx_offset)) << 16
            | UInt64(UInt16(bitPattern: cfa_add)) << 32
            | UInt64(UInt16(bitPattern: return_offset)) << 48
        return (kinds | UInt64(UInt32(bitPattern: cfa_offset)) << 32, offsets)
    }
}
