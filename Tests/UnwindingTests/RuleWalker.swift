import CSampleABI

@testable import Unwinding

/// Leaves frames by unwind rules, as `unwind_abi.h` words them.
enum RuleWalker {
    /// Returns nil at the outermost frame, and where the rule or the memory does not suffice.
    static func caller(
        of frame: RegisterFile, _ rule: unwind_rule, memory: (UInt64) -> UInt64?
    ) -> (registers: RegisterFile, isInterrupted: Bool)? {
        func at(_ base: UInt64?, _ offset: some BinaryInteger) -> UInt64? {
            base.map { $0 &+ UInt64(truncatingIfNeeded: offset) }
        }
        func read(_ base: UInt64?, _ offset: some BinaryInteger) -> UInt64? {
            at(base, offset).flatMap(memory)
        }
        let (sp, fp) = (frame.stackPointer, frame.framePointer)
        let cfa: UInt64?
        switch cfa_kind(UInt32(rule.cfa)) {
        case CFA_SP: cfa = at(sp, rule.cfa_offset)
        case CFA_FP: cfa = at(fp, rule.cfa_offset)
        case CFA_REGISTER: cfa = at(frame[rule.cfa_register], rule.cfa_offset)
        case CFA_SP_DEREF: cfa = at(read(sp, rule.cfa_offset), rule.cfa_add)
        case CFA_FP_DEREF: cfa = at(read(fp, rule.cfa_offset), rule.cfa_add)
        case CFA_PLT:
            let isPushed = (frame.instructionPointer ?? 0) % 16 >= UInt64(rule.cfa_add)
            cfa = at(sp, rule.cfa_offset + (isPushed ? 8 : 0))
        case CFA_SIGNAL: return signalFrame(at(sp, rule.cfa_offset), memory)
        default: return nil
        }
        var caller = RegisterFile()
        caller.stackPointer = cfa
        switch saved_fp_kind(UInt32(rule.fp)) {
        case SAVED_FP_SAME: caller.framePointer = fp
        case SAVED_FP_AT_CFA: caller.framePointer = read(cfa, Int32(rule.fp_offset))
        case SAVED_FP_AT_FP: caller.framePointer = read(fp, Int32(rule.fp_offset))
        default: break
        }
        caller.instructionPointer =
            rule.return_kind == UInt8(RETURN_IN_REGISTER.rawValue)
            ? frame[UInt8(rule.return_offset)] : read(cfa, rule.return_offset)
        return caller.instructionPointer == nil ? nil : (caller, false)
    }

    private static func signalFrame(
        _ context: UInt64?, _ memory: (UInt64) -> UInt64?
    ) -> (registers: RegisterFile, isInterrupted: Bool)? {
        guard let context else { return nil }
        var caller = RegisterFile()
        caller.framePointer = memory(context + 120)
        caller.stackPointer = memory(context + 160)
        caller.instructionPointer = memory(context + 168)
        return caller.instructionPointer == nil ? nil : (caller, true)
    }
}
