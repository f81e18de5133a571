extension ExpressionMachine {
    /// Stack operations (DWARF 5 §2.5.1.3), arithmetic and logic (§2.5.1.4), comparisons (§2.5.1.5).
    mutating func compute(
        _ opcode: UInt8, _ reader: inout CallFrameReader
    ) throws(UnwindFailure) {
        switch opcode {
        case 0x12: try push(try value(at: 0))  // dup
        case 0x13: _ = try pop()  // drop
        case 0x14: try push(try value(at: 1))  // over
        case 0x15: try push(try value(at: Int(try reader.operand(UInt8.self))))  // pick
        case 0x16: try insert(try pop(), below: 1)  // swap
        case 0x17: try insert(try pop(), below: 2)  // rot
        case 0x19:  // abs
            let value = Int64(bitPattern: try pop())
            try push(value.magnitude)
        case 0x1f: try push(0 &- (try pop()))  // neg
        case 0x20: try push(~(try pop()))  // not
        case 0x23: try push(try pop() &+ (try reader.unsignedOperand()))  // plus_uconst
        default:
            let top = try pop()
            try push(try Self.combine(opcode, try pop(), top))
        }
    }

    private static func combine(
        _ opcode: UInt8, _ left: UInt64, _ right: UInt64
    ) throws(UnwindFailure) -> UInt64 {
        let signed = (left: Int64(bitPattern: left), right: Int64(bitPattern: right))
        switch opcode {
        case 0x1a: return left & right
        case 0x1b:  // div
            guard right != 0 else { throw .badExpression }
            return UInt64(bitPattern: signed.left.dividedReportingOverflow(by: signed.right).0)
        case 0x1c: return left &- right
        case 0x1d:  // mod
            guard right != 0 else { throw .badExpression }
            return left % right
        case 0x1e: return left &* right
        case 0x21: return left | right
        case 0x22: return left &+ right
        case 0x24: return right < 64 ? left << right : 0
        case 0x25: return right < 64 ? left >> right : 0
        case 0x26: return UInt64(bitPattern: signed.left >> min(right, 63))
        case 0x27: return left ^ right
        case 0x29: return signed.left == signed.right ? 1 : 0
        case 0x2a: return signed.left >= signed.right ? 1 : 0
        case 0x2b: return signed.left > signed.right ? 1 : 0
        case 0x2c: return signed.left <= signed.right ? 1 : 0
        case 0x2d: return signed.left < signed.right ? 1 : 0
        case 0x2e: return signed.left != signed.right ? 1 : 0
        default: throw .badExpression
        }
    }
}
