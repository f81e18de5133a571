import CSampleABI
import ProfileModel

@testable package import Unwinding

/// Holds a table's rules against `.eh_frame`, which is the best of its sources: from made-up registers
/// and memory, both must come to the same caller.
package struct RowComparison: ~Escapable {
    private let unwinder: ReferenceUnwinder
    private let code: [Range<ImageAddress>]
    private let index: CallFrameIndex
    private let table: UnwindTable

    @_lifetime(copy sections)
    package init(_ sections: borrowing UnwindSections, _ table: UnwindTable) {
        unwinder = ReferenceUnwinder(sections.ehFrame)
        index = CallFrameIndex(sections.ehFrame)
        code = sections.code
        self.table = table
    }

    package func run() {
        var registers = RegisterFile()
        for number in 0...16 as ClosedRange<UInt8> {
            registers[number] = (UInt64(number) + 1) &* 0x9e37_79b9_7f4a_7c15
        }
        for description in index.descriptions.prefix(16) {
            let middle = description.start + (description.end - description.start) / 2
            for address in [description.start, middle, description.end - 1] {
                compare(at: address, registers)
            }
        }
    }

    private func compare(at address: UInt64, _ registers: RegisterFile) {
        // Rows begin where a description does, so in code, and end with the segment it begins in.
        guard let description = index.description(at: address),
            description.start > 0,
            let segment = code.first(where: { $0.contains(ImageAddress(description.start)) }),
            segment.contains(ImageAddress(address))
        else { return }
        let rule = table.rule(at: ImageAddress(address))
        if rule == .unsupported { return }
        let common = index.commons[Int(description.common)]
        let expected = try? unwinder.caller(
            of: registers, at: ImageAddress(address), loadBias: 0, memory: Self.word)
        let found = RuleWalker.caller(of: registers, rule, memory: Self.word)
        precondition(found?.registers.stackPointer == expected?.registers.stackPointer)
        precondition(
            found?.registers.instructionPointer == expected?.registers.instructionPointer)
        precondition(
            rule.hasLostFramePointer
                || found?.registers.framePointer == expected?.registers.framePointer)
        // A signal frame whose CFA is a register's is left as any other frame.
        precondition(found == nil || found?.isInterrupted == false || common.isSignalFrame)
    }

    private static func word(at address: UInt64) -> UInt64? {
        (address ^ 0x5bd1_e995) &* 0x9e37_79b9
    }
}
