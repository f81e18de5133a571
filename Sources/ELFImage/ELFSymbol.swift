import ByteReading

/// An entry of `.symtab` or `.dynsym` (System V ABI, "Symbol Table").
package struct ELFSymbol: Hashable, Sendable {
    package enum Binding: Hashable, Sendable {
        case local, global, weak
    }

    /// Offset of the name in the table's string table.
    package let name: UInt32
    package let address: UInt64
    /// 0: the linker does not say; up to the next symbol.
    package let size: UInt64
    package let binding: Binding

    package static let byteCount = 24

    /// Calls `body` with every symbol that names code: defined, and a function, an indirect
    /// function, or untyped in an executable section (hand-written assembly).
    ///
    /// - Parameter sections: the image's sections; their flags say what is executable.
    package static func forEachFunction(
        in bytes: RawSpan, sections: [SectionHeader], _ body: (ELFSymbol) -> Void
    ) {
        var reader = ByteReader(bytes)
        while reader.remaining >= byteCount {
            guard let (symbol, type, section) = try? read(&reader) else { return }
            guard symbol.name != 0, section != 0 else { continue }
            switch type {
            case 2, 10:  // STT_FUNC, STT_GNU_IFUNC
                body(symbol)
            case 0 where Int(section) < sections.count && sections[Int(section)].isExecutable:
                body(symbol)
            default: continue
            }
        }
    }

    private static func read(
        _ reader: inout ByteReader
    ) throws(ReadError) -> (symbol: ELFSymbol, type: UInt8, section: UInt16) {
        let name: UInt32 = try reader.read()
        let info: UInt8 = try reader.read()
        try reader.skip(1)  // st_other
        let section: UInt16 = try reader.read()
        let address: UInt64 = try reader.read()
        let size: UInt64 = try reader.read()
        let binding: Binding =
            switch info >> 4 {
            case 1: .global
            case 2: .weak
            default: .local
            }
        let symbol = ELFSymbol(name: name, address: address, size: size, binding: binding)
        return (symbol, info & 0xf, section)
    }
}
