/// Lays out a small ELF64 file: one loaded segment of code, a build ID note, a symbol table.
struct SmallImage {
    struct Symbol {
        var name: String
        var address: UInt64
        var size: UInt64
        var info: UInt8 = 0x12  // STB_GLOBAL, STT_FUNC
        var section: UInt16 = 1
    }

    var symbols: [Symbol] = [
        Symbol(name: "first", address: 0x40_1000, size: 16),
        Symbol(name: "second", address: 0x40_1020, size: 0),
    ]
    var buildID: [UInt8] = Array(1...20)

    static let codeOffset: UInt64 = 0x1000
    static let codeAddress: UInt64 = 0x40_1000
    static let codeSize: UInt64 = 0x100

    var bytes: [UInt8] {
        var body = LittleEndian()
        let noteOffset: UInt64 = 0x100
        var note = LittleEndian()
        note.append(UInt32(4))
        note.append(UInt32(buildID.count))
        note.append(UInt32(3))
        note.bytes += Array("GNU\0".utf8) + buildID
        while !note.bytes.count.isMultiple(of: 4) { note.bytes.append(0) }
        var strings: [UInt8] = [0]
        var table = LittleEndian()
        table.bytes = [UInt8](repeating: 0, count: 24)
        for symbol in symbols {
            table.append(UInt32(strings.count))
            table.bytes += [symbol.info, 0]
            table.append(symbol.section)
            table.append(symbol.address)
            table.append(symbol.size)
            strings += Array(symbol.name.utf8) + [0]
        }
        let symbolOffset = noteOffset + UInt64(note.bytes.count)
        let stringOffset = symbolOffset + UInt64(table.bytes.count)
        let sectionOffset = (stringOffset + UInt64(strings.count) + 7) & ~7

        body.bytes = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0] + [UInt8](repeating: 0, count: 8)
        body.append(UInt16(3))
        body.append(UInt16(62))
        body.append(UInt32(1))
        body.append(Self.codeAddress)
        body.append(UInt64(64))
        body.append(sectionOffset)
        body.append(UInt32(0))
        for field in [64, 56, 2, 64, 4, 0] as [UInt16] { body.append(field) }
        body.segment(1, 5, Self.codeOffset, Self.codeAddress, Self.codeSize)
        body.segment(4, 4, noteOffset, noteOffset, UInt64(note.bytes.count))
        body.pad(to: noteOffset)
        body.bytes += note.bytes + table.bytes + strings
        body.pad(to: sectionOffset)
        body.section(0, 0, 0, 0, 0, 0)
        body.section(1, 6, Self.codeAddress, Self.codeOffset, Self.codeSize, 0)
        body.section(2, 0, 0, symbolOffset, UInt64(table.bytes.count), 3)
        body.section(3, 0, 0, stringOffset, UInt64(strings.count), 0)
        body.pad(to: Self.codeOffset + Self.codeSize)
        return body.bytes
    }
}

/// Appends numbers as x86-64 lays them out.
struct LittleEndian {
    var bytes: [UInt8] = []

    mutating func append<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func pad(to length: UInt64) {
        while bytes.count < Int(length) { bytes.append(0) }
    }

    mutating func segment(
        _ type: UInt32, _ flags: UInt32, _ offset: UInt64, _ address: UInt64, _ size: UInt64
    ) {
        append(type)
        append(flags)
        for field in [offset, address, address, size, size, 0x1000] { append(field) }
    }

    mutating func section(
        _ type: UInt32, _ flags: UInt64, _ address: UInt64, _ offset: UInt64, _ size: UInt64,
        _ link: UInt32
    ) {
        append(UInt32(0))
        append(type)
        for field in [flags, address, offset, size] { append(field) }
        append(link)
        append(UInt32(0))
        append(UInt64(8))
        append(UInt64(24))
    }
}
