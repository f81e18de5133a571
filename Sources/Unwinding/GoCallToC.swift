import ByteReading
import CSampleABI
import ProfileModel

/// `asmcgocall`, which has no frame, and so no frame pointer of its own, and runs C on either of two
/// stacks (Go's src/runtime/asm_amd64.s). Each has its own call, and its own way back:
///
/// - From a goroutine it switches to the thread's stack. There it keeps only how deep the goroutine's
///   is, which no rule can use. But its caller then is `cgocall`, as good as always: the others are
///   `newm1`, once in a process, and what `os.Setenv` calls. `cgocall` has a frame whose size the line
///   table tells:
///
///       fp = cgocall's cfa − 16;  its sp = its cfa − delta − 8;  return address at sp − 8 = fp − delta
///
/// - From the thread's stack, as `newm1` calls it to start threads, it stays on it, and keeps the stack
///   pointer it was called with. Only the code tells where that begins:
///
///       SUBQ $64, SP;  ANDQ $~15, SP;  MOVQ $0, 48(SP);  MOVQ DX, 40(SP);  …;  MOVQ SI, SP
struct GoCallToC {
    let start: UInt64
    private let cgocallDelta: Int32
    /// From where on it stays on its stack, and from where on its caller's stack pointer is in the slot.
    private let staying: UInt64
    private let kept: UInt64
    /// From where on the stack pointer is as it was at the entry.
    private let restored: UInt64
    /// Offset of the slot from the stack pointer.
    private let slot: Int32

    /// It has about 180 bytes.
    private static let longestCode: UInt64 = 512
    /// There are two: itself, and a wrapper. Of each all deltas are read, which many may share.
    private static let mostFunctions = 4

    /// Nil when there is no such function, it has a frame, or its code is unknown.
    init?(
        _ functions: [GoFunction], in lines: borrowing GoLineTable,
        _ readingCode: (Range<ImageAddress>) -> [UInt8]?
    ) {
        var asmcgocall: GoFunction?
        let candidates = functions.lazy.filter { $0.role == .asmcgocall }
        for function in candidates.prefix(Self.mostFunctions) {
            // One with a frame is a wrapper for Go's other ABI.
            if GoFrame(of: function, in: lines).isEmpty { asmcgocall = function }
        }
        guard let asmcgocall, let delta = lines.cgocallDelta(among: functions) else { return nil }
        let length = min(asmcgocall.end - asmcgocall.start, Self.longestCode)
        let (end, overflow) = asmcgocall.start.addingReportingOverflow(length)
        guard !overflow,
            let code = readingCode(ImageAddress(asmcgocall.start)..<ImageAddress(end)),
            let found = Self.find(in: code)
        else { return nil }
        start = asmcgocall.start
        cgocallDelta = delta
        staying = start &+ UInt64(found.staying)
        kept = start &+ UInt64(found.kept)
        restored = found.restored.map { asmcgocall.start &+ UInt64($0) } ?? asmcgocall.end
        slot = found.slot
    }

    /// Calls `row` with addresses, in order, and the rule that holds from there.
    func forEachRow(_ row: (UInt64, unwind_rule) -> Void) {
        var rule = unwind_rule()
        rule.setReturn(RETURN_AT_CFA, -8)
        rule.setFramePointer(SAVED_FP_SAME)
        rule.setCFA(Register.framePointer, offset: 8 - cgocallDelta)
        row(start, rule)
        // Two instructions move the stack pointer, and by how much is not known: to the caller's caller.
        var passing = rule
        passing.setCFA(Register.framePointer, offset: 16)
        passing.setFramePointer(SAVED_FP_AT_CFA, offset: -16)
        row(staying, passing)
        var staying = rule
        staying.setKind(CFA_SP_DEREF)
        staying.cfa_offset = slot
        staying.cfa_add = 8
        row(kept, staying)
        rule.setCFA(Register.stackPointer, offset: 8)
        row(restored, rule)
    }

    private static func find(
        in code: [UInt8]
    ) -> (staying: Int, kept: Int, restored: Int?, slot: Int32)? {
        var start = 1  // What chooses the stack comes before; and rows must not share an address.
        while start <= code.count, let found = code[start...].firstIndex(of: 0x48) {
            start = found + 1
            let rest = code[found...]
            guard rest.count >= 21,
                rest.starts(with: [0x48, 0x83, 0xec]),  // SUBQ $…, SP
                rest.dropFirst(4).starts(with: [0x48, 0x83, 0xe4, 0xf0]),
                rest.dropFirst(8).starts(with: [0x48, 0xc7, 0x44, 0x24]),  // MOVQ $0, …(SP)
                rest.dropFirst(13).starts(with: [0, 0, 0, 0])
            else { continue }
            let store = rest.dropFirst(17)
            let (slot, length): (UInt8, Int)
            if store.starts(with: [0x48, 0x89, 0x14, 0x24]) {  // MOVQ DX, (SP)
                (slot, length) = (0, 4)
            } else if store.starts(with: [0x48, 0x89, 0x54, 0x24]), store.count > 4,
                store[store.startIndex + 4] < 0x80
            {
                (slot, length) = (store[store.startIndex + 4], 5)
            } else {
                continue
            }
            let kept = found + 17 + length
            let restored = code.indices.first {
                $0 >= kept && code[$0...].starts(with: [0x48, 0x89, 0xf4])  // MOVQ SI, SP
            }
            return (found, kept, restored.map { $0 + 3 }, Int32(slot))
        }
        return nil
    }
}
