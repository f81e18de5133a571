/// A value as it is written: resolving it may need other sections.
enum AttributeValue: Sendable {
    case address(UInt64)
    /// An entry of `.debug_addr`, and what to add to it.
    case addressIndex(UInt64, plus: UInt32)
    /// Signed ones as their bit pattern.
    case constant(UInt64)
    /// An offset in the section that the attribute implies.
    case sectionOffset(UInt64)
    /// An entry of the table at the head of `.debug_rnglists` or `.debug_loclists`.
    case listIndex(UInt64)
    /// A string in place, at this offset of the section being read.
    case text(at: UInt64)
    /// In `.debug_str`.
    case string(at: UInt64)
    /// In `.debug_line_str`.
    case lineString(at: UInt64)
    /// An entry of `.debug_str_offsets`.
    case stringIndex(UInt64)
    /// In the supplementary file's `.debug_str`.
    case supplementaryString(at: UInt64)
    /// An entry of this file's `.debug_info`.
    case reference(UInt64)
    /// An entry of the supplementary file's `.debug_info`.
    case supplementaryReference(UInt64)
    /// A block, an expression, or a type signature: passed over.
    case opaque
}

extension DebugReader {
    /// Reads a value.
    ///
    /// - Parameters:
    ///   - implicit: DW_FORM_implicit_const's value, which stands in the abbreviation.
    ///   - unit: where the unit begins: what its references are relative to.
    mutating func readValue(
        _ form: Form, implicit: Int64 = 0, in format: UnitFormat, unit: UInt64
    ) throws(DWARFError) -> AttributeValue {
        switch form {
        case .addr: return .address(try read(UInt64.self))
        case .data1, .flag: return .constant(UInt64(try readByte()))
        case .data2: return .constant(UInt64(try read(UInt16.self)))
        case .data4: return .constant(UInt64(try read(UInt32.self)))
        case .data8: return .constant(try read(UInt64.self))
        case .sdata: return .constant(UInt64(bitPattern: try readSLEB128()))
        case .udata: return .constant(try readULEB128())
        case .implicitConst: return .constant(UInt64(bitPattern: implicit))
        case .flagPresent: return .constant(1)
        case .secOffset: return .sectionOffset(try readOffset(isWide: format.isWide))
        case .rnglistx, .loclistx: return .listIndex(try readULEB128())
        case .string, .strp, .lineStrp, .strpSup, .gnuStrpAlt, .strx, .gnuStrIndex, .strx1, .strx2,
            .strx3, .strx4:
            return try readString(form, in: format)
        case .addrx, .gnuAddrIndex, .addrx1, .addrx2, .addrx3, .addrx4, .llvmAddrxOffset:
            return try readAddressIndex(form)
        case .ref1, .ref2, .ref4, .ref8, .refUdata, .refAddr, .gnuRefAlt, .refSup4, .refSup8:
            return try readReference(form, in: format, unit: unit)
        case .indirect:
            let actual = Form(rawValue: UInt16(clamping: try readULEB128())) ?? .unknown
            // One that leads to another would let a file nest without end.
            guard actual != .indirect, actual != .implicitConst else { throw error(.unknownForm) }
            return try readValue(actual, in: format, unit: unit)
        case .block, .block1, .block2, .block4, .exprloc, .data16, .refSig8, .unknown:
            try skipValue(form, in: format)
            return .opaque
        }
    }

    /// Passes over a value.
    mutating func skipValue(_ form: Form, in format: UnitFormat) throws(DWARFError) {
        if let count = form.byteCount(in: format) { return try skip(UInt64(count)) }
        switch form {
        case .block, .exprloc: try skip(try readULEB128())
        case .block1: try skip(UInt64(try readByte()))
        case .block2: try skip(UInt64(try read(UInt16.self)))
        case .block4: try skip(UInt64(try read(UInt32.self)))
        case .string: try skipText()
        case .sdata: _ = try readSLEB128()
        case .udata, .refUdata, .strx, .addrx, .loclistx, .rnglistx, .gnuAddrIndex, .gnuStrIndex:
            _ = try readULEB128()
        case .indirect, .llvmAddrxOffset: _ = try readValue(form, in: format, unit: 0)
        default: throw error(.unknownForm)
        }
    }

    private mutating func readString(
        _ form: Form, in format: UnitFormat
    ) throws(DWARFError) -> AttributeValue {
        switch form {
        case .string:
            let start = offset
            try skipText()
            return .text(at: start)
        case .strp: return .string(at: try readOffset(isWide: format.isWide))
        case .lineStrp: return .lineString(at: try readOffset(isWide: format.isWide))
        case .strpSup, .gnuStrpAlt:
            return .supplementaryString(at: try readOffset(isWide: format.isWide))
        case .strx, .gnuStrIndex: return .stringIndex(try readULEB128())
        default:
            return .stringIndex(
                try readUnsigned(byteCount: Int(form.rawValue - Form.strx1.rawValue) + 1))
        }
    }

    private mutating func readAddressIndex(_ form: Form) throws(DWARFError) -> AttributeValue {
        switch form {
        case .addrx, .gnuAddrIndex: return .addressIndex(try readULEB128(), plus: 0)
        case .llvmAddrxOffset:
            let index = try readULEB128()
            return .addressIndex(index, plus: try read(UInt32.self))
        default:
            return .addressIndex(
                try readUnsigned(byteCount: Int(form.rawValue - Form.addrx1.rawValue) + 1), plus: 0)
        }
    }

    private mutating func readReference(
        _ form: Form, in format: UnitFormat, unit: UInt64
    ) throws(DWARFError) -> AttributeValue {
        switch form {
        case .gnuRefAlt: .supplementaryReference(try readOffset(isWide: format.isWide))
        case .refSup4: .supplementaryReference(UInt64(try read(UInt32.self)))
        case .refSup8: .supplementaryReference(try read(UInt64.self))
        case .refAddr:
            .reference(
                format.version <= 2
                    ? try read(UInt64.self) : try readOffset(isWide: format.isWide))
        case .refUdata: .reference(unit &+ (try readULEB128()))
        case .ref1: .reference(unit &+ UInt64(try readByte()))
        case .ref2: .reference(unit &+ UInt64(try read(UInt16.self)))
        case .ref4: .reference(unit &+ UInt64(try read(UInt32.self)))
        default: .reference(unit &+ (try read(UInt64.self)))
        }
    }
}
