/// Runs a line table's program (DWARF 5 §6.2.5): a machine that writes rows, each saying from which
/// address on which line holds.
struct LineProgram {
    private var header: LineHeader
    private var rows = LineRows()
    private var address: UInt64 = 0
    private var operation: UInt64 = 0
    private var file: UInt32 = 1
    private var line: UInt32 = 1
    private var instructions = 0

    /// No table of real programs has a tenth of it.
    private static let largestProgram: UInt64 = 64 << 20

    /// Runs the program of the table at an offset. What was written before the program goes wrong
    /// is kept.
    static func run(
        at offset: UInt64, of unit: Unit, in files: inout DebugFiles
    ) throws(DWARFError) -> (header: LineHeader, rows: LineRows) {
        let header = try files.parse(.lines, in: unit.image, at: offset, expecting: 8 << 10) {
            reader throws(DWARFError) in try LineHeader(reading: &reader)
        }
        guard header.program.upperBound - header.program.lowerBound <= largestProgram else {
            throw DWARFError(.tooLarge, in: .lines, at: offset)
        }
        let bytes = try files.bytes(of: .lines, header.program, in: unit.image)
        var program = LineProgram(header: header)
        var reader = DebugReader(
            bytes.span.bytes, of: .lines, from: header.program.lowerBound)
        try? program.run(&reader)
        try files.budget.spend(program.instructions, in: .lines, at: offset)
        program.rows.finish()
        return (program.header, program.rows)
    }

    private init(header: LineHeader) { self.header = header }

    private mutating func run(_ reader: inout DebugReader) throws(DWARFError) {
        while !reader.isAtEnd {
            let opcode = try reader.readByte()
            instructions += 1
            if opcode >= header.opcodeBase {
                let adjusted = opcode - header.opcodeBase
                advance(by: UInt64(adjusted / header.lineRange))
                line &+= UInt32(
                    truncatingIfNeeded: Int(header.lineBase) + Int(adjusted % header.lineRange))
                writeRow()
            } else if opcode == 0 {
                try runExtended(&reader)
            } else {
                try runStandard(opcode, &reader)
            }
        }
    }

    private mutating func runStandard(
        _ opcode: UInt8, _ reader: inout DebugReader
    ) throws(DWARFError) {
        switch opcode {
        case 1: writeRow()  // copy
        case 2: advance(by: try reader.readULEB128())
        case 3: line &+= UInt32(truncatingIfNeeded: try reader.readSLEB128())
        case 4: file = UInt32(clamping: try reader.readULEB128())
        case 5, 12: _ = try reader.readULEB128()  // set_column, set_isa
        case 6, 7, 10, 11: break  // negate_stmt, basic_block, prologue_end, epilogue_begin
        case 8: advance(by: UInt64((255 - header.opcodeBase) / header.lineRange))  // const_add_pc
        case 9:  // fixed_advance_pc
            address &+= UInt64(try reader.read(UInt16.self))
            operation = 0
        default:  // what later versions define
            for _ in 0..<header.operandCounts[Int(opcode) - 1] { _ = try reader.readULEB128() }
        }
    }

    private mutating func runExtended(_ reader: inout DebugReader) throws(DWARFError) {
        let length = try reader.readULEB128()
        guard length > 0 else { return }
        let (end, overflow) = reader.offset.addingReportingOverflow(length)
        guard !overflow else { throw reader.error(.badLength) }
        switch try reader.readByte() {
        case 1:  // end_sequence
            rows.end(at: address)
            (address, operation, file, line) = (0, 0, 1, 1)
        case 2:  // set_address
            address = try reader.readUnsigned(byteCount: Int(clamping: length - 1))
            operation = 0
        case 3:  // define_file
            if let file = try LineHeader.readOldFile(&reader) { header.append(file) }
        default: break
        }
        try reader.seek(to: end)
    }

    /// Moves on by a number of operations, of which VLIW machines have several in an instruction.
    private mutating func advance(by count: UInt64) {
        let perInstruction = header.operationsPerInstruction
        guard perInstruction > 1 else {
            address &+= header.minimumInstructionLength &* count
            return
        }
        let sum = operation &+ count
        address &+= header.minimumInstructionLength &* (sum / perInstruction)
        operation = sum % perInstruction
    }

    private mutating func writeRow() { rows.append(address, file: file, line: line) }
}
