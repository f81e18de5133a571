package import ProfileModel

/// Leaves frames by the full call frame information: all registers, all rules, all expressions.
///
/// Knows nothing of `UnwindTable`, on purpose: what the two disagree on is an error of compaction.
/// Slow, and for tests.
package struct ReferenceUnwinder: ~Escapable {
    private let section: CallFrameSection
    private let index: CallFrameIndex

    /// Reads the section, of one image.
    @_lifetime(copy section)
    package init(_ section: consuming CallFrameSection) {
        index = CallFrameIndex(section)
        self.section = section
    }

    /// The caller of a frame.
    package struct Caller: Sendable {
        package let registers: RegisterFile
        /// The frame left was a signal's: the caller was interrupted at its instruction pointer,
        /// which is no return address.
        package let isInterrupted: Bool
    }

    /// Leaves a frame; nil when it is the outermost.
    ///
    /// - Parameters:
    ///   - address: the instruction: the frame's instruction pointer, less one if that is a return
    ///     address, which may lie past the end of its function.
    ///   - loadBias: process address − image address.
    ///   - memory: the word at a process address.
    package func caller(
        of registers: RegisterFile, at address: ImageAddress, loadBias: UInt64,
        memory: (UInt64) -> UInt64?
    ) throws(UnwindFailure) -> Caller? {
        guard let description = index.description(at: address.value) else { throw .notCovered }
        let common = index.commons[Int(description.common)]
        let rules = try rules(of: description, common, at: address.value)
        if rules.returnAddress == .undefined { return nil }
        var machine = ExpressionMachine(registers, loadBias: loadBias)
        let cfa = try cfa(rules.cfa, registers, &machine, memory)
        var caller = registers
        caller.stackPointer = cfa
        for number in 0..<UInt8(Register.count) {
            let rule = rules.registers[Int(number)]
            if rule == .unspecified { continue }
            // A register that cannot be had matters only to who needs it.
            caller[number] = try? value(rule, of: number, registers, cfa, &machine, memory)
        }
        guard rules.returnAddress != .unspecified, caller.instructionPointer != nil else {
            throw .noRule
        }
        return Caller(registers: caller, isInterrupted: common.isSignalFrame)
    }

    private func rules(
        of description: FrameDescription, _ common: CommonInformation, at address: UInt64
    ) throws(UnwindFailure) -> CallFrameRules {
        var machine = CallFrameMachine()
        var found: CallFrameRules?
        do {
            try machine.run(description, common, in: section) { start, end, rules in
                if start <= address, address < end { found = copy rules }
            }
        } catch {
            guard let found else { throw .malformed(error) }
            return found
        }
        guard let found else { throw .notCovered }
        return found
    }

    private func cfa(
        _ rule: CFARule, _ registers: RegisterFile, _ machine: inout ExpressionMachine,
        _ memory: (UInt64) -> UInt64?
    ) throws(UnwindFailure) -> UInt64 {
        switch rule {
        case .undefined: throw .noRule
        case .register(let number, let offset):
            guard let value = registers[number] else { throw .unknownRegister(number) }
            return value &+ UInt64(bitPattern: offset)
        case .expression(let expression):
            return try machine.evaluate(expression, in: section, initial: nil, memory: memory)
        }
    }

    private func value(
        _ rule: RegisterRule, of number: UInt8, _ registers: RegisterFile, _ cfa: UInt64,
        _ machine: inout ExpressionMachine, _ memory: (UInt64) -> UInt64?
    ) throws(UnwindFailure) -> UInt64? {
        let address: UInt64
        switch rule {
        case .undefined: return nil
        case .unspecified, .sameValue: return registers[number]
        case .register(let other): return registers[other]
        case .valueOffset(let offset): return cfa &+ UInt64(bitPattern: offset)
        case .valueExpression(let expression):
            return try machine.evaluate(expression, in: section, initial: cfa, memory: memory)
        case .offset(let offset): address = cfa &+ UInt64(bitPattern: offset)
        case .expression(let expression):
            address = try machine.evaluate(
                expression, in: section, initial: cfa, memory: memory)
        }
        guard let word = memory(address) else { throw .unreadable(address) }
        return word
    }
}
