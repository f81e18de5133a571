import Testing

@testable import Unwinding

@Suite struct CallFrameMachineTests {
    struct Row: Equatable {
        var start: UInt64
        var end: UInt64
        var cfa: CFARule
        var registers: [UInt64: RegisterRule]

        init(_ start: UInt64, _ end: UInt64, _ cfa: CFARule, _ registers: [UInt64: RegisterRule]) {
            (self.start, self.end, self.cfa, self.registers) = (start, end, cfa, registers)
        }
    }

    /// Runs the instructions for 0x1000 … 0x1100; all rows, with the rules that were set.
    private func run(
        _ instructions: [UInt8], common: [UInt8] = CallFrameBytes.callInstructions,
        code: UInt64 = 1, data: Int64 = -8
    ) -> (rows: [Row], error: CallFrameError.Code?) {
        var section = CallFrameBytes()
        section.isEHFrame = false
        section.augmentation = ""
        section.common(common, code: code, data: data)
        section.description(start: 0x1000, length: 0x100, instructions)
        let bytes = section.bytes
        let lent = CallFrameSection(.debugFrame, bytes: bytes.span.bytes, address: 0)
        let index = CallFrameIndex(lent)
        guard let description = index.descriptions.first else { return ([], nil) }
        var machine = CallFrameMachine()
        var rows: [Row] = []
        do {
            try machine.run(description, index.commons[0], in: lent) { start, end, rules in
                var registers: [UInt64: RegisterRule] = [:]
                for number in 0..<17 where rules.registers[number] != .unspecified {
                    registers[UInt64(number)] = rules.registers[number]
                }
                rows.append(Row(start, end, rules.cfa, registers))
            }
        } catch {
            return (rows, error.code)
        }
        return (rows, nil)
    }

    private let call: [UInt64: RegisterRule] = [16: .offset(-8)]

    @Test func `begins with the common rules and reaches the end`() {
        #expect(run([]).rows == [Row(0x1000, 0x1100, .register(7, offset: 8), call)])
    }

    @Test(
        arguments: [
            ([0x50], 1, 0x1010), ([0x44], 4, 0x1010), ([0x02, 0x10], 1, 0x1010),
            ([0x03, 0x10, 0x00], 1, 0x1010), ([0x04, 0x10, 0, 0, 0], 1, 0x1010),
            ([0x01, 0x10, 0x10, 0, 0, 0, 0, 0, 0], 1, 0x1010),
        ] as [([UInt8], UInt64, UInt64)])
    func `moves on`(instructions: [UInt8], code: UInt64, address: UInt64) {
        let result = run(instructions + [0x0e, 16], code: code)
        #expect(
            result.rows == [
                Row(0x1000, address, .register(7, offset: 8), call),
                Row(address, 0x1100, .register(7, offset: 16), call),
            ])
    }

    @Test(
        arguments: [
            ([0x0c, 6, 16], .register(6, offset: 16)), ([0x0d, 6], .register(6, offset: 8)),
            ([0x0e, 0x80, 1], .register(7, offset: 128)),
            ([0x12, 6, 0x7e], .register(6, offset: 16)),
            ([0x13, 0x7c], .register(7, offset: 32)), ([0x13, 2], .register(7, offset: -16)),
        ] as [([UInt8], CFARule)])
    func `defines the CFA`(instructions: [UInt8], cfa: CFARule) {
        #expect(run(instructions).rows == [Row(0x1000, 0x1100, cfa, call)])
    }

    @Test(
        arguments: [
            ([0x86, 2], .offset(-16)), ([0x05, 6, 2], .offset(-16)),
            ([0x11, 6, 0x7e], .offset(16)),
            ([0x14, 6, 2], .valueOffset(-16)), ([0x15, 6, 0x7e], .valueOffset(16)),
            ([0x07, 6], .undefined), ([0x08, 6], .sameValue), ([0x09, 6, 3], .register(3)),
            ([0x2f, 6, 2], .offset(16)), ([0x07, 6, 0xc6], .unspecified),
            ([0x07, 6, 0x06, 6], .unspecified),
        ] as [([UInt8], RegisterRule)])
    func `defines a register`(instructions: [UInt8], rule: RegisterRule) {
        let expected = rule == .unspecified ? call : [16: .offset(-8), 6: rule]
        #expect(
            run(instructions).rows == [Row(0x1000, 0x1100, .register(7, offset: 8), expected)])
    }

    @Test func `keeps where expressions are`() throws {
        let row = try #require(
            run([0x0f, 2, 0x77, 8, 0x10, 6, 2, 0x76, 0, 0x16, 3, 1, 0x30]).rows.first)
        guard case .expression(let cfa) = row.cfa, case .expression(let pointer) = row.registers[6],
            case .valueExpression(let value) = row.registers[3]
        else {
            Issue.record("not expressions")
            return
        }
        #expect([cfa.count, pointer.count, value.count] == [2, 2, 1])
        #expect(pointer.offset == cfa.offset + 5)
    }

    @Test func `remembers and restores the whole row`() {
        let rows = run([0x0a, 0x0e, 16, 0x86, 2, 0x50, 0x0b]).rows
        #expect(
            rows == [
                Row(0x1000, 0x1010, .register(7, offset: 16), [16: .offset(-8), 6: .offset(-16)]),
                Row(0x1010, 0x1100, .register(7, offset: 8), call),
            ])
    }

    @Test func `passes over padding, argument sizes, and vector registers`() {
        let rows = run([0x00, 0x2e, 0x90, 1, 0x05, 17, 2, 0x08, 33, 0xe0, 0x00]).rows
        #expect(rows == [Row(0x1000, 0x1100, .register(7, offset: 8), call)])
    }

    @Test func `stops at the end of the description`() {
        #expect(run([0x02, 0xff, 0x02, 0xff, 0x0e, 16]).rows.map(\.end) == [0x10ff, 0x1100])
    }

    @Test(
        arguments: [
            ([0x0c, 7], .truncated), ([0x0c, 17, 8], .badRegister),
            ([0x0d, 16, 0x0d, 17], .badRegister),
            ([0x09, 6, 99], .badRegister), ([0x0b], .badStateStack),
            ([UInt8](repeating: 0x0a, count: 65), .badStateStack),
            ([0x0f, 9, 0x30], .truncated),
            ([0x50, 0x01, 0, 0x10, 0, 0, 0, 0, 0, 0], .backwards), ([0x17], .unknownInstruction),
            ([0x3f], .unknownInstruction), ([0x1d], .unknownInstruction),
            ([0x0e] + [UInt8](repeating: 0xff, count: 9) + [1], .overflow),
            ([0x13] + [UInt8](repeating: 0xff, count: 8) + [0x3f], .overflow),
            ([0x0e] + [UInt8](repeating: 0xff, count: 20), .truncated),
        ] as [([UInt8], CallFrameError.Code)])
    func `rejects`(instructions: [UInt8], code: CallFrameError.Code) {
        #expect(run(instructions).error == code)
    }

    @Test func `after an expression, register and offset go on from before it`() {
        #expect(
            run([0x0f, 1, 0x30, 0x50, 0x0e, 16, 0x50, 0x0d, 6]).rows.map(\.cfa).suffix(1)
                == [.register(6, offset: 16)])
        #expect(run([0x0f, 1, 0x30, 0x50, 0x0e, 16]).rows.map(\.cfa).count == 2)
    }

    @Test(arguments: [[0x0d, 6], [0x0e, 8], [0x13, 1], [0x0f, 1, 0x30, 0x0d, 6]] as [[UInt8]])
    func `rejects half a CFA where the other half was never said`(instructions: [UInt8]) {
        #expect(run(instructions, common: []).error == .noRegisterCFA)
    }

    @Test func `rejects an advance that overflows`() {
        #expect(run([0x04, 0xff, 0xff, 0xff, 0xff], code: .max / 2).error == .overflow)
    }
}
