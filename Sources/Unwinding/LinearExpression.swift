/// A DWARF expression of the shapes that compilers, assemblers and linkers write for the CFA and for
/// registers: reg[register] + offset, optionally dereferenced once, plus addend.
///
///     value = reg[register] + offset
///     value = [reg[register] + offset] + addend
struct LinearExpression {
    let register: UInt8
    private(set) var offset: Int64
    private(set) var isDereferenced = false
    private(set) var addend: Int64 = 0

    /// Longer ones are none of the shapes.
    static let maximumBytes: UInt32 = 32

    /// Nil when the expression has another shape, or is malformed.
    init?(_ expression: ExpressionBytes, in section: borrowing CallFrameSection) {
        guard expression.count <= Self.maximumBytes else { return nil }
        var reader = section.reader(over: expression.range)
        guard let opcode = try? reader.readByte(), 0x70...0x7f ~= opcode,  // DW_OP_breg0…15
            let offset = try? reader.readSLEB128()
        else { return nil }
        register = opcode - 0x70
        self.offset = offset
        while !reader.isAtEnd {
            guard let isKnown = try? apply(&reader), isKnown else { return nil }
        }
    }

    /// Applies one operation, a constant together with the sum it goes into.
    private mutating func apply(_ reader: inout CallFrameReader) throws(CallFrameError) -> Bool {
        let opcode = try reader.readByte()
        switch opcode {
        case 0x06 where !isDereferenced:  // DW_OP_deref
            isDereferenced = true
            return true
        case 0x23:  // DW_OP_plus_uconst
            return add(try reader.readOffset())
        default:
            guard let constant = try reader.readConstant(opcode) else { return false }
            switch try reader.readByte() {
            case 0x22: return add(constant)  // DW_OP_plus
            case 0x1c: return constant != .min && add(-constant)  // DW_OP_minus
            default: return false
            }
        }
    }

    private mutating func add(_ value: Int64) -> Bool {
        let (sum, overflow) = (isDereferenced ? addend : offset).addingReportingOverflow(value)
        if isDereferenced { addend = sum } else { offset = sum }
        return !overflow
    }
}

extension CallFrameReader {
    /// The operand of a DW_OP_lit…, DW_OP_const…; nil for other operations, and for what does not
    /// fit.
    mutating func readConstant(_ opcode: UInt8) throws(CallFrameError) -> Int64? {
        switch opcode {
        case 0x30...0x4f: Int64(opcode - 0x30)
        case 0x08: Int64(try read(UInt8.self))
        case 0x09: Int64(try read(Int8.self))
        case 0x0a: Int64(try read(UInt16.self))
        case 0x0b: Int64(try read(Int16.self))
        case 0x0c: Int64(try read(UInt32.self))
        case 0x0d: Int64(try read(Int32.self))
        case 0x0e: Int64(exactly: try read(UInt64.self))
        case 0x0f: try read(Int64.self)
        case 0x10: Int64(exactly: try readULEB128())
        case 0x11: try readSLEB128()
        default: nil
        }
    }
}
