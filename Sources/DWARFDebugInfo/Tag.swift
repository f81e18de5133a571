/// What an entry describes, as far as names need it (DWARF 5 §7.5.3).
enum Tag: UInt16, Sendable {
    case other = 0
    case lexicalBlock = 0x0b
    case compileUnit = 0x11
    case inlinedSubroutine = 0x1d
    case catchBlock = 0x25
    case subprogram = 0x2e
    case tryBlock = 0x32
    case partialUnit = 0x3c
    case skeletonUnit = 0x4a
}
