/// Evaluates DWARF expressions (DWARF 5 §2.5.1) as far as call frame information may use them
/// (§6.4.2): the whole stack machine, but nothing that refers to debugging information.
struct ExpressionMachine {
    private let registers: RegisterFile
    /// process address = image address + bias
    private let loadBias: UInt64
    private(set) var stack: [UInt64] = []

    /// Branches can make an expression run for ever.
    static let maximumSteps = 1000
    static let maximumDepth = 64

    init(_ registers: RegisterFile, loadBias: UInt64) {
        self.registers = registers
        self.loadBias = loadBias
    }

    /// The value on top of the stack when the expression ends.
    ///
    /// - Parameters:
    ///   - initial: what the stack holds at first: the CFA, for registers.
    ///   - memory: the word at a process address.
    mutating func evaluate(
        _ expression: ExpressionBytes, in section: borrowing CallFrameSection, initial: UInt64?,
        memory: (UInt64) -> UInt64?
    ) throws(UnwindFailure) -> UInt64 {
        stack = initial.map { [$0] } ?? []
        var reader = section.reader(over: expression.range)
        for _ in 0..<Self.maximumSteps {
            if reader.isAtEnd { return try pop() }
            let opcode = try reader.operand(UInt8.self)
            switch opcode {
            case 0x28, 0x2f:  // DW_OP_bra, DW_OP_skip
                let distance = Int64(try reader.operand(Int16.self))
                if opcode == 0x28, try pop() == 0 { continue }
                reader = section.reader(over: try target(distance, reader.offset, expression))
            case 0x06, 0x94: try dereference(opcode, &reader, memory)
            case 0x12...0x2e: try compute(opcode, &reader)
            default: try pushOperand(opcode, &reader)
            }
        }
        throw .badExpression
    }

    /// The rest of the expression from where a branch leads.
    private func target(
        _ distance: Int64, _ offset: UInt64, _ expression: ExpressionBytes
    ) throws(UnwindFailure) -> Range<UInt32> {
        let range = expression.range
        guard let target = UInt32(exactly: Int64(offset) + distance),
            target >= range.lowerBound, target <= range.upperBound
        else { throw .badExpression }
        return target..<range.upperBound
    }

    /// DW_OP_deref, DW_OP_deref_size: what is read beyond the size is cut off.
    private mutating func dereference(
        _ opcode: UInt8, _ reader: inout CallFrameReader, _ memory: (UInt64) -> UInt64?
    ) throws(UnwindFailure) {
        let size: UInt8 = opcode == 0x06 ? 8 : try reader.operand()
        guard 1...8 ~= size else { throw .badExpression }
        let address = try pop()
        guard let word = memory(address) else { throw .unreadable(address) }
        try push(size == 8 ? word : word & ((1 << (UInt64(size) * 8)) - 1))
    }

    /// Registers, addresses and constants.
    private mutating func pushOperand(
        _ opcode: UInt8, _ reader: inout CallFrameReader
    ) throws(UnwindFailure) {
        switch opcode {
        case 0x96: return  // DW_OP_nop
        case 0x03: try push(try reader.operand(UInt64.self) &+ loadBias)  // DW_OP_addr
        case 0x0e: try push(try reader.operand(UInt64.self))  // DW_OP_const8u
        case 0x70...0x8f: try pushRegister(UInt64(opcode - 0x70), &reader)
        case 0x92: try pushRegister(try reader.unsignedOperand(), &reader)  // DW_OP_bregx
        default:
            guard let constant = try? reader.readConstant(opcode) else { throw .badExpression }
            try push(UInt64(bitPattern: constant))
        }
    }

    private mutating func pushRegister(
        _ number: UInt64, _ reader: inout CallFrameReader
    ) throws(UnwindFailure) {
        guard let number = UInt8(exactly: number), let offset = try? reader.readSLEB128() else {
            throw .badExpression
        }
        guard let value = registers[number] else { throw .unknownRegister(number) }
        try push(value &+ UInt64(bitPattern: offset))
    }

    mutating func push(_ value: UInt64) throws(UnwindFailure) {
        guard stack.count < Self.maximumDepth else { throw .badExpression }
        stack.append(value)
    }

    mutating func pop() throws(UnwindFailure) -> UInt64 {
        guard let value = stack.popLast() else { throw .badExpression }
        return value
    }

    /// Puts a value below so many others.
    mutating func insert(_ value: UInt64, below count: Int) throws(UnwindFailure) {
        guard count <= stack.count else { throw .badExpression }
        stack.insert(value, at: stack.count - count)
    }

    /// The value so far below the top; 0 is the top.
    func value(at depth: Int) throws(UnwindFailure) -> UInt64 {
        guard depth < stack.count else { throw .badExpression }
        return stack[stack.count - 1 - depth]
    }
}

extension CallFrameReader {
    mutating func operand<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type = T.self
    ) throws(UnwindFailure) -> T {
        do { return try read(type) } catch { throw .badExpression }
    }

    mutating func unsignedOperand() throws(UnwindFailure) -> UInt64 {
        do { return try readULEB128() } catch { throw .badExpression }
    }
}
