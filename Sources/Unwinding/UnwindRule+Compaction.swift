import CSampleABI

extension unwind_rule {
    /// Compacts all rules of a row to what unwinding needs: CFA, frame pointer, return address.
    ///
    /// A frame pointer that the rule cannot say where to find is lost, and no error.
    init(
        compacting rules: borrowing CallFrameRules, isSignalFrame: Bool,
        in section: borrowing CallFrameSection
    ) throws(UnsupportedCause) {
        self.init()
        if rules.returnAddress == .undefined {
            self = .outermost
        } else if isSignalFrame, case .expression(let expression) = rules.cfa {
            self = try Self.signalFrame(expression, rules, in: section)
        } else {
            switch rules.stackPointer {
            case .unspecified, .valueOffset(0): break
            default: throw .stackPointer
            }
            try setCFA(rules.cfa, in: section)
            try setReturn(rules.returnAddress, in: section)
            setFramePointer(rules.framePointer, in: section)
            // Only what compilers do with rbx: push it. Where it lies elsewhere, a rule that needs it
            // reads a wrong place; no code we know has both.
            if case .offset(let offset) = rules.base { bx_offset = Int16(exactly: offset) ?? 0 }
        }
    }

    private mutating func setCFA(
        _ rule: CFARule, in section: borrowing CallFrameSection
    ) throws(UnsupportedCause) {
        switch rule {
        case .undefined: throw .cfaExpression
        case .register(let register, let offset):
            try setCFA(register, checking: offset)
        case .expression(let expression):
            if let linear = LinearExpression(expression, in: section) {
                try setCFA(linear)
            } else if let stub = LinkageStub(expression, in: section) {
                setKind(CFA_PLT)
                cfa_offset = try Self.fitting(stub.offset)
                cfa_add = stub.threshold
            } else {
                throw .cfaExpression
            }
        }
    }

    private mutating func setCFA(_ expression: LinearExpression) throws(UnsupportedCause) {
        guard expression.isDereferenced else {
            return try setCFA(expression.register, checking: expression.offset)
        }
        switch expression.register {
        case Register.stackPointer: setKind(CFA_SP_DEREF)
        case Register.framePointer: setKind(CFA_FP_DEREF)
        default: throw .cfaExpression
        }
        cfa_offset = try Self.fitting(expression.offset)
        cfa_add = try Self.fitting(expression.addend)
    }

    private mutating func setCFA(
        _ register: UInt8, checking offset: Int64
    ) throws(UnsupportedCause) {
        guard register != Register.returnAddress else { throw .cfaExpression }
        setCFA(register, offset: try Self.fitting(offset))
    }

    private mutating func setReturn(
        _ rule: RegisterRule, in section: borrowing CallFrameSection
    ) throws(UnsupportedCause) {
        switch rule {
        case .offset(let offset):
            guard let offset = Int16(exactly: offset) else { throw .returnAddress }
            setReturn(RETURN_AT_CFA, offset)
        case .register(let register) where register != Register.returnAddress:
            setReturn(RETURN_IN_REGISTER, Int16(register))
        case .expression(let expression):
            guard let offset = offsetFromCFA(expression, in: section),
                let offset = Int16(exactly: offset)
            else { throw .returnAddress }
            setReturn(RETURN_AT_CFA, offset)
        default: throw .returnAddress
        }
    }

    private mutating func setFramePointer(
        _ rule: RegisterRule, in section: borrowing CallFrameSection
    ) {
        setFramePointer(SAVED_FP_LOST)
        switch rule {
        case .unspecified, .sameValue, .register(Register.framePointer):
            setFramePointer(SAVED_FP_SAME)
        case .offset(let offset):
            guard let offset = Int16(exactly: offset) else { return }
            setFramePointer(SAVED_FP_AT_CFA, offset: offset)
        case .expression(let expression):
            if let offset = offsetFromCFA(expression, in: section) {
                guard let offset = Int16(exactly: offset) else { return }
                setFramePointer(SAVED_FP_AT_CFA, offset: offset)
            } else if let linear = LinearExpression(expression, in: section),
                linear.register == Register.framePointer, !linear.isDereferenced,
                let offset = Int16(exactly: linear.offset)
            {
                setFramePointer(SAVED_FP_AT_FP, offset: offset)
            }
        default: return
        }
    }

    /// Where an expression reg[register] + n lies from a CFA of the same register; else nil.
    private func offsetFromCFA(
        _ expression: ExpressionBytes, in section: borrowing CallFrameSection
    ) -> Int64? {
        guard let linear = LinearExpression(expression, in: section), !linear.isDereferenced
        else { return nil }
        var same = unwind_rule()
        same.setCFA(linear.register, offset: cfa_offset)
        guard same.cfa == cfa, same.cfa_register == cfa_register else { return nil }
        let (offset, overflow) = linear.offset.subtractingReportingOverflow(Int64(cfa_offset))
        return overflow ? nil : offset
    }

    private static func fitting<T: FixedWidthInteger>(
        _ value: Int64
    ) throws(UnsupportedCause) -> T {
        guard let value = T(exactly: value) else { throw .cfaOffset }
        return value
    }
}
