/// Where an expression's bytes are in its section. The expression may be hostile; the range is not.
struct ExpressionBytes: Hashable, Sendable {
    let offset: UInt32
    let count: UInt32

    var range: Range<UInt32> {
        let (end, overflow) = offset.addingReportingOverflow(count)
        return offset..<(overflow ? .max : end)
    }
}

/// How the CFA comes about (DWARF 5 §6.4.2.2).
enum CFARule: Hashable, Sendable {
    case undefined
    /// cfa = reg[register] + offset
    case register(UInt8, offset: Int64)
    /// cfa = value of the expression
    case expression(ExpressionBytes)
}

/// How the caller's value of one register comes about (DWARF 5 §6.4.1).
enum RegisterRule: Hashable, Sendable {
    /// No instruction spoke of it: compilers mean that it keeps its value.
    case unspecified
    case undefined
    case sameValue
    /// reg = [cfa + offset]
    case offset(Int64)
    /// reg = cfa + offset
    case valueOffset(Int64)
    /// reg = reg[other]
    case register(UInt8)
    /// reg = [value of the expression]
    case expression(ExpressionBytes)
    /// reg = value of the expression
    case valueExpression(ExpressionBytes)
}

/// One row of the table that call frame information stands for: all rules at an address.
struct CallFrameRules: Sendable {
    private(set) var cfa = CFARule.undefined
    /// The register and the offset last said, also while the CFA is an expression: what follows an
    /// expression may name only one of them (libgcrypt does; all
    /// unwinders agree).
    private var saidCFA: (register: UInt8, offset: Int64)?
    /// By DWARF register number.
    var registers = InlineArray<17, RegisterRule>(repeating: .unspecified)

    var base: RegisterRule { registers[Int(Register.base)] }
    var framePointer: RegisterRule { registers[Int(Register.framePointer)] }
    var stackPointer: RegisterRule { registers[Int(Register.stackPointer)] }
    var returnAddress: RegisterRule { registers[Int(Register.returnAddress)] }

    mutating func setCFA(_ register: UInt8, offset: Int64) {
        saidCFA = (register, offset)
        cfa = .register(register, offset: offset)
    }

    mutating func setCFA(_ expression: ExpressionBytes) { cfa = .expression(expression) }

    /// Ends an expression; returns false when no offset was ever said.
    mutating func setCFARegister(_ register: UInt8) -> Bool {
        guard let saidCFA else { return false }
        setCFA(register, offset: saidCFA.offset)
        return true
    }

    /// Does not end an expression; returns false when no register was ever said.
    mutating func setCFAOffset(_ offset: Int64) -> Bool {
        guard let saidCFA else { return false }
        if case .expression = cfa {
            self.saidCFA = (saidCFA.register, offset)
        } else {
            setCFA(saidCFA.register, offset: offset)
        }
        return true
    }

    /// Columns beyond the return address, vector registers, are of no use in unwinding.
    mutating func set(_ register: UInt64, _ rule: RegisterRule) {
        guard register < UInt64(Register.count) else { return }
        registers[Int(register)] = rule
    }
}
