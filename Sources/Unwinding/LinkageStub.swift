/// The CFA in an entry of the procedure linkage table as linkers write it: one expression for all
/// entries, which are 16 bytes long and push one word in the instruction before `threshold`.
///
///     cfa = sp + offset + (ip % 16 >= threshold ? 8 : 0)
struct LinkageStub {
    let offset: Int64
    let threshold: Int16

    /// breg7 offset; breg16 0; lit15; and; litN; ge; lit3; shl; plus. Also with gt for ge, where N
    /// is one less. N is 11 in the classic entry, 9 or 10 with IBT, 5 with MPX.
    init?(_ expression: ExpressionBytes, in section: borrowing CallFrameSection) {
        guard expression.count <= LinearExpression.maximumBytes else { return nil }
        var reader = section.reader(over: expression.range)
        guard let operation = try? reader.readByte(), operation == 0x77,
            let offset = try? reader.readSLEB128(),
            let remainder = try? reader.read(UInt32.self), remainder == 0x1a3f_0080,
            let literal = try? reader.readByte(), 0x30...0x3f ~= literal,
            let comparison = try? reader.readByte(), comparison == 0x2a || comparison == 0x2b,
            let shift = try? reader.read(UInt16.self), shift == 0x2433,
            let sum = try? reader.readByte(), sum == 0x22, reader.isAtEnd
        else { return nil }
        self.offset = offset
        threshold = Int16(literal - 0x30) + (comparison == 0x2b ? 1 : 0)
    }
}
