import CSampleABI
import Testing

@testable import Unwinding

@Suite struct CompactionTests {
    /// The rule for the first row of a description with these instructions.
    private func compact(
        _ instructions: [UInt8], isSignalFrame: Bool = false
    ) throws(UnsupportedCause) -> unwind_rule {
        var section = CallFrameBytes()
        section.common()
        section.description(start: 0x1000, length: 0x10, instructions)
        let bytes = section.bytes
        let lent = CallFrameSection(
            .ehFrame, bytes: bytes.span.bytes, address: CallFrameBytes.address)
        let index = CallFrameIndex(lent)
        var result: Result<unwind_rule, UnsupportedCause> = .failure(.malformed)
        var machine = CallFrameMachine()
        try? machine.run(index.descriptions[0], index.commons[0], in: lent) { _, _, rules in
            do throws(UnsupportedCause) {
                result = .success(
                    try unwind_rule(compacting: rules, isSignalFrame: isSignalFrame, in: lent))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    private func rule(
        _ cfa: cfa_kind, _ offset: Int32 = 0, add: Int16 = 0, register: UInt8 = 0,
        fp: saved_fp_kind = SAVED_FP_SAME, at fpOffset: Int16 = 0,
        in kind: return_kind = RETURN_AT_CFA, ra: Int16 = -8
    ) -> unwind_rule {
        var rule = unwind_rule(cfa: cfa)
        rule.cfa_offset = offset
        rule.cfa_add = add
        rule.cfa_register = register
        rule.setFramePointer(fp, offset: fpOffset)
        rule.setReturn(kind, ra)
        return rule
    }

    private func cfa(_ expression: [UInt8]) -> [UInt8] {
        [0x0f] + uleb(UInt64(expression.count)) + expression
    }

    private func register(_ number: UInt8, _ expression: [UInt8]) -> [UInt8] {
        [0x10, number] + uleb(UInt64(expression.count)) + expression
    }

    @Test func `takes the CFA from a register`() throws {
        #expect(try compact([]) == rule(CFA_SP, 8))
        #expect(try compact([0x0c, 6, 16]) == rule(CFA_FP, 16))
        #expect(try compact([0x0c, 10, 0]) == rule(CFA_REGISTER, 0, register: 10))
        #expect(try compact([0x0e] + uleb(1 << 30)) == rule(CFA_SP, 1 << 30))
    }

    @Test func `takes the CFA from memory`() throws {
        #expect(try compact(cfa([0x77, 24, 0x06])) == rule(CFA_SP_DEREF, 24))
        #expect(try compact(cfa([0x76, 0x78, 0x06])) == rule(CFA_FP_DEREF, -8))
        let added = rule(CFA_SP_DEREF, 24, add: 8)
        let shapes: [[UInt8]] = [
            [0x23, 8], [0x38, 0x22], [0x08, 8, 0x22], [0x09, 8, 0x22], [0x0a, 8, 0, 0x22],
            [0x0b, 8, 0, 0x22], [0x0c, 8, 0, 0, 0, 0x22], [0x0d, 8, 0, 0, 0, 0x22],
            [0x0e, 8, 0, 0, 0, 0, 0, 0, 0, 0x22], [0x0f, 8, 0, 0, 0, 0, 0, 0, 0, 0x22],
            [0x10, 8, 0x22], [0x11, 8, 0x22], [0x09, 0xf8, 0x1c], [0x23, 3, 0x35, 0x22],
        ]
        for shape in shapes {
            #expect(try compact(cfa([0x77, 24, 0x06] + shape)) == added)
        }
        #expect(try compact(cfa([0x77, 16, 0x38, 0x22, 0x06, 0x23, 8])) == added)
        #expect(try compact(cfa([0x77, 8, 0x38, 0x22])) == rule(CFA_SP, 16))
    }

    @Test func `knows the linkage stubs`() throws {
        func stub(_ literal: UInt8, _ comparison: UInt8 = 0x2a) -> [UInt8] {
            cfa([0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x30 + literal, comparison, 0x33, 0x24, 0x22])
        }
        for literal in [5, 9, 10, 11] as [UInt8] {
            #expect(try compact(stub(literal)) == rule(CFA_PLT, 8, add: Int16(literal)))
        }
        #expect(try compact(stub(10, 0x2b)) == rule(CFA_PLT, 8, add: 11))
    }

    private func signalFrame(cfa: UInt8, pointer: UInt8, address: UInt8) -> [UInt8] {
        self.cfa([0x77, cfa, 1, 0x06]) + register(6, [0x77] + sleb(Int64(pointer)))
            + register(16, [0x77] + sleb(Int64(address)))
    }

    @Test func `knows the signal frame of the C library`() throws {
        let frame = signalFrame(cfa: 0xa0, pointer: 120, address: 168)
        #expect(
            try compact(frame, isSignalFrame: true) == rule(CFA_SIGNAL, 0, ra: 0))
        let deeper = signalFrame(cfa: 0xa8, pointer: 128, address: 176)
        #expect(
            try compact(deeper, isSignalFrame: true) == rule(CFA_SIGNAL, 8, ra: 0))
        for (pointer, address) in [(128, 168), (120, 160)] as [(UInt8, UInt8)] {
            let other = signalFrame(cfa: 0xa0, pointer: pointer, address: address)
            #expect(throws: UnsupportedCause.signalFrame) {
                try compact(other, isSignalFrame: true)
            }
        }
    }

    @Test func `knows no signal frame whose stack pointer is elsewhere`() throws {
        let frame = signalFrame(cfa: 0xa0, pointer: 120, address: 168)
        let slot = register(7, [0x77] + sleb(160))
        #expect(try compact(frame + slot, isSignalFrame: true) == rule(CFA_SIGNAL, 0, ra: 0))
        for other in [register(7, [0x77] + sleb(168)), register(7, [0xfd]), [0x09, 7, 8]] {
            #expect(throws: UnsupportedCause.stackPointer) {
                try compact(frame + other, isSignalFrame: true)
            }
        }
    }

    @Test func `finds the frame pointer`() throws {
        #expect(try compact([0x86, 2]) == rule(CFA_SP, 8, fp: SAVED_FP_AT_CFA, at: -16))
        #expect(try compact([0x08, 6]) == rule(CFA_SP, 8))
        #expect(try compact([0x07, 6]) == rule(CFA_SP, 8, fp: SAVED_FP_LOST))
        #expect(try compact([0x09, 6, 3]) == rule(CFA_SP, 8, fp: SAVED_FP_LOST))
        #expect(
            try compact(register(6, [0x76, 8])) == rule(CFA_SP, 8, fp: SAVED_FP_AT_FP, at: 8))
        #expect(
            try compact(register(6, [0x77, 0])) == rule(CFA_SP, 8, fp: SAVED_FP_AT_CFA, at: -8))
        #expect(
            try compact(cfa([0x76, 0x70, 0x06]) + register(6, [0x76, 0]))
                == rule(CFA_FP_DEREF, -16, fp: SAVED_FP_AT_FP))
        #expect(try compact(register(6, [0x73, 0])) == rule(CFA_SP, 8, fp: SAVED_FP_LOST))
    }

    @Test func `finds the return address`() throws {
        #expect(try compact([0x07, 16]) == .outermost)
        #expect(try compact([0x09, 16, 5]) == rule(CFA_SP, 8, in: RETURN_IN_REGISTER, ra: 5))
        #expect(try compact([0x90, 2]) == rule(CFA_SP, 8, ra: -16))
        #expect(try compact(register(16, [0x77, 8])) == rule(CFA_SP, 8, ra: 0))
    }

    @Test(
        arguments: [
            ([0x0f, 1, 0x30], .cfaExpression), ([0x0f, 3, 0x70, 0, 0x06], .cfaExpression),
            ([0x0f, 4, 0x77, 0, 0x06, 0x06], .cfaExpression),
            ([0x0f, 3, 0x77, 0, 0xff], .cfaExpression),
            ([0x0f, 2, 0x77, 0x80], .cfaExpression), ([0x0f, 0], .cfaExpression),
            ([0x0d, 16], .cfaExpression),
            ([0x0f, 40] + [UInt8](repeating: 0x77, count: 40), .cfaExpression),
            ([0x0e] + uleb(1 << 31), .cfaOffset),
            ([0x0f, 8, 0x77, 0, 0x06, 0x23] + uleb(40000), .cfaOffset),
            ([0x08, 16], .returnAddress), ([0x14, 16, 1], .returnAddress),
            ([0x09, 16, 16], .returnAddress), ([0x90] + uleb(5000), .returnAddress),
            ([0x10, 16, 2, 0x76, 0], .returnAddress), ([0x09, 7, 8], .stackPointer),
        ] as [([UInt8], UnsupportedCause)])
    func `names what does not fit`(instructions: [UInt8], cause: UnsupportedCause) {
        var instructions = instructions
        if instructions.starts(with: [0x0f, 8]) { instructions[1] = UInt8(instructions.count - 2) }
        #expect(throws: cause) { try compact(instructions) }
    }

    @Test func `keeps each rule once, up to the limit`() {
        var set = RuleSet()
        var rule = unwind_rule(cfa: CFA_SP)
        for offset in 2..<Int32(MAX_RULES) {
            rule.cfa_offset = offset
            #expect(set.index(of: rule) == UInt16(offset))
        }
        rule.cfa_offset = 7
        #expect(set.index(of: rule) == 7)
        rule.cfa_offset = -1
        #expect(set.index(of: rule) == nil)
        #expect(set.index(of: .uncovered) == RuleSet.uncovered)
        #expect(set.index(of: .unsupported) == RuleSet.unsupported)
    }
}
