/// Runs call frame instructions (DWARF 5 §6.4.2, §6.4.3), row by row.
///
/// One machine serves many frame descriptions, so that its stack is allocated once.
struct CallFrameMachine {
    private(set) var rules = CallFrameRules()
    /// Image address from which `rules` hold; after an error, from where on nothing is known.
    private(set) var location: UInt64 = 0
    private var initial = CallFrameRules()
    private var remembered: [CallFrameRules] = []

    /// Compilers nest to a depth of one or two.
    static let maximumRemembered = 64

    /// Runs the instructions of a common information entry.
    mutating func initialRules(
        of common: CommonInformation, in section: borrowing CallFrameSection
    ) throws(CallFrameError) -> CallFrameRules {
        var reader = section.reader(over: common.instructions)
        while !reader.isAtEnd {
            _ = try step(&reader, common, in: section)
        }
        return rules
    }

    /// Runs a frame description, and calls `row` for each range of addresses, in order, without
    /// gaps and within the description, with the rules that hold there.
    mutating func run(
        _ description: FrameDescription, _ common: CommonInformation,
        in section: borrowing CallFrameSection,
        row: (_ start: UInt64, _ end: UInt64, borrowing CallFrameRules) -> Void
    ) throws(CallFrameError) {
        rules = common.initialRules
        initial = common.initialRules
        location = description.start
        remembered.removeAll(keepingCapacity: true)
        var reader = section.reader(over: description.instructions)
        while !reader.isAtEnd {
            let next = try step(&reader, common, in: section)
            guard next != location else { continue }
            guard next > location else { throw CallFrameError(.backwards, at: reader.offset) }
            guard next < description.end else { break }
            row(location, next, rules)
            location = next
        }
        row(location, description.end, rules)
    }

    /// Runs one instruction; returns the location after it.
    private mutating func step(
        _ reader: inout CallFrameReader, _ common: CommonInformation,
        in section: borrowing CallFrameSection
    ) throws(CallFrameError) -> UInt64 {
        let opcode = try reader.readByte()
        let low = UInt64(opcode & 0x3f)
        switch opcode >> 6 {
        case 1: return try advanced(by: low, common, reader)
        case 2: rules.set(low, .offset(try reader.readFactoredUnsigned(common)))
        case 3: restore(low)
        default:
            switch opcode {
            case 0x01: return try reader.readAddress(common.encoding, in: section)
            case 0x02: return try advanced(by: UInt64(try reader.readByte()), common, reader)
            case 0x03: return try advanced(by: UInt64(try reader.read(UInt16.self)), common, reader)
            case 0x04: return try advanced(by: UInt64(try reader.read(UInt32.self)), common, reader)
            case 0x0c...0x0f, 0x12, 0x13: try defineCFA(opcode, &reader, common)
            default: try defineRegister(opcode, &reader, common)
            }
        }
        return location
    }

    private func advanced(
        by delta: UInt64, _ common: CommonInformation, _ reader: borrowing CallFrameReader
    ) throws(CallFrameError) -> UInt64 {
        let (distance, tooFar) = delta.multipliedReportingOverflow(by: common.codeAlignment)
        let (next, overflow) = location.addingReportingOverflow(distance)
        if tooFar || overflow { throw CallFrameError(.overflow, at: reader.offset) }
        return next
    }

    /// DW_CFA_def_cfa…: DWARF 5 §6.4.2.2.
    private mutating func defineCFA(
        _ opcode: UInt8, _ reader: inout CallFrameReader, _ common: CommonInformation
    ) throws(CallFrameError) {
        let isDefined: Bool
        switch opcode {
        case 0x0c:
            rules.setCFA(try reader.readRegister(), offset: try reader.readOffset())
            return
        case 0x12:
            rules.setCFA(try reader.readRegister(), offset: try reader.readFactoredSigned(common))
            return
        case 0x0f: return rules.setCFA(try reader.readBlock())
        case 0x0d: isDefined = rules.setCFARegister(try reader.readRegister())
        case 0x0e: isDefined = rules.setCFAOffset(try reader.readOffset())
        default: isDefined = rules.setCFAOffset(try reader.readFactoredSigned(common))
        }
        if !isDefined { throw CallFrameError(.noRegisterCFA, at: reader.offset) }
    }

    /// Register rules, DWARF 5 §6.4.2.3, row states §6.4.2.4, padding §6.4.2.5, and GNU's (LSB 5
    /// §10.5.2).
    private mutating func defineRegister(
        _ opcode: UInt8, _ reader: inout CallFrameReader, _ common: CommonInformation
    ) throws(CallFrameError) {
        switch opcode {
        case 0x00: return
        case 0x0a: return try remember(reader)
        case 0x0b: return try restoreState(reader)
        case 0x2e: return _ = try reader.readULEB128()  // GNU_args_size
        case 0x05...0x09, 0x10, 0x11, 0x14...0x16, 0x2f: break
        default: throw CallFrameError(.unknownInstruction, at: reader.offset)
        }
        let register = try reader.readULEB128()
        switch opcode {
        case 0x05: rules.set(register, .offset(try reader.readFactoredUnsigned(common)))
        case 0x06: restore(register)
        case 0x07: rules.set(register, .undefined)
        case 0x08: rules.set(register, .sameValue)
        case 0x09: rules.set(register, .register(try reader.readRegister()))
        case 0x10: rules.set(register, .expression(try reader.readBlock()))
        case 0x11: rules.set(register, .offset(try reader.readFactoredSigned(common)))
        case 0x14: rules.set(register, .valueOffset(try reader.readFactoredUnsigned(common)))
        case 0x15: rules.set(register, .valueOffset(try reader.readFactoredSigned(common)))
        case 0x16: rules.set(register, .valueExpression(try reader.readBlock()))
        default:  // GNU_negative_offset_extended
            let (offset, overflow) = Int64(0).subtractingReportingOverflow(
                try reader.readFactoredUnsigned(common))
            if overflow { throw CallFrameError(.overflow, at: reader.offset) }
            rules.set(register, .offset(offset))
        }
    }

    private mutating func restore(_ register: UInt64) {
        guard register < UInt64(Register.count) else { return }
        rules.registers[Int(register)] = initial.registers[Int(register)]
    }

    private mutating func remember(
        _ reader: borrowing CallFrameReader
    ) throws(CallFrameError) {
        guard remembered.count < Self.maximumRemembered else {
            throw CallFrameError(.badStateStack, at: reader.offset)
        }
        remembered.append(rules)
    }

    /// Restores the CFA too: what compilers mean, though DWARF does not say so.
    private mutating func restoreState(
        _ reader: borrowing CallFrameReader
    ) throws(CallFrameError) {
        guard let state = remembered.popLast() else {
            throw CallFrameError(.badStateStack, at: reader.offset)
        }
        rules = state
    }
}
