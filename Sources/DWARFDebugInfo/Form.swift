/// How an attribute's value is written (DWARF 5 §7.5.6, and GNU's and LLVM's extensions).
enum Form: UInt16, Sendable {
    case unknown = 0
    case addr = 0x01
    case block2 = 0x03
    case block4, data2, data4, data8, string, block, block1, data1, flag, sdata, strp, udata
    case refAddr = 0x10
    case ref1, ref2, ref4, ref8, refUdata, indirect, secOffset, exprloc, flagPresent
    case strx = 0x1a
    case addrx, refSup4, strpSup, data16, lineStrp, refSig8, implicitConst, loclistx, rnglistx
    case refSup8 = 0x24
    case strx1, strx2, strx3, strx4, addrx1, addrx2, addrx3, addrx4
    case gnuAddrIndex = 0x1f01
    case gnuStrIndex = 0x1f02
    case gnuRefAlt = 0x1f20
    case gnuStrpAlt = 0x1f21
    case llvmAddrxOffset = 0x2001

    /// Bytes of a value; nil where they depend on the value.
    func byteCount(in format: UnitFormat) -> Int? {
        switch self {
        case .flagPresent, .implicitConst: 0
        case .data1, .flag, .ref1, .strx1, .addrx1: 1
        case .data2, .ref2, .strx2, .addrx2: 2
        case .strx3, .addrx3: 3
        case .data4, .ref4, .refSup4, .strx4, .addrx4: 4
        case .addr, .data8, .ref8, .refSig8, .refSup8: 8
        case .data16: 16
        case .strp, .secOffset, .strpSup, .lineStrp, .gnuRefAlt, .gnuStrpAlt: format.offsetSize
        case .refAddr: format.version <= 2 ? 8 : format.offsetSize
        case .unknown, .block, .block1, .block2, .block4, .exprloc, .string, .indirect, .sdata,
            .udata, .refUdata, .strx, .addrx, .loclistx, .rnglistx, .gnuAddrIndex, .gnuStrIndex,
            .llvmAddrxOffset:
            nil
        }
    }
}

/// What the lengths of values in a unit depend on. Addresses are 8 bytes.
struct UnitFormat: Hashable, Sendable {
    /// 2 to 5.
    let version: UInt8
    /// The 64-bit format (DWARF 5 §7.4), which has nothing to do with the machine's.
    let isWide: Bool

    var offsetSize: Int { isWide ? 8 : 4 }
}
