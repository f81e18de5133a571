import ByteReading
import ELFImage
import ImageFiles
import ProfileModel

/// Whose address the dynamic linker puts into each slot that linkage stubs jump through, as the image's
/// relocations tell (System V ABI x86-64, "Relocation").
struct LinkageSlots {
    /// By the slot's address.
    private(set) var names: [UInt64: String] = [:]

    /// Symbols' indices in `.dynsym`, by slot.
    private var symbols: [UInt64: UInt32] = [:]
    /// Slots whose function a resolver picks when the program starts, by the resolver's address.
    private var resolved: [UInt64: [UInt64]] = [:]
    /// What is left of the bytes that names may take: a hostile table has one long name for all.
    private var room = 16 << 20

    private static let relocationSections = [".rela.plt", ".rela.dyn"]
    /// R_X86_64_GLOB_DAT and R_X86_64_JUMP_SLOT
    private static let symbolTypes: Set<UInt32> = [6, 7]
    private static let resolverType: UInt32 = 37  // R_X86_64_IRELATIVE
    /// The largest programs known have some ten thousand.
    private static let maximumCount = 1 << 17
    /// Bytes of a section that is read for it; the largest known have some megabytes.
    private static let limit = 64 << 20

    /// - Parameters:
    ///   - file: the image.
    ///   - holder: has `table`, whose symbols name indirect functions.
    init(
        of file: borrowing ImageFile, table: SectionHeader?, in holder: borrowing ImageFile
    ) {
        for name in Self.relocationSections { readRelocations(name, of: file) }
        let dynamic = file.sections.first { $0.type == SectionHeader.dynamicSymbolTable }
        if let dynamic { nameSymbols(dynamic, of: file) }
        if let table { nameResolved(table, of: holder) }
        if let dynamic { nameResolved(dynamic, of: file) }
    }

    private mutating func readRelocations(_ name: String, of file: borrowing ImageFile) {
        guard let section = file.section(named: name),
            let bytes = try? file.contents(of: section, limit: Self.limit)
        else { return }
        var reader = ByteReader(bytes.span.bytes)
        while symbols.count + resolved.count < Self.maximumCount,
            let slot = try? reader.read(UInt64.self), let info = try? reader.read(UInt64.self),
            let addend = try? reader.read(UInt64.self)
        {
            let type = UInt32(truncatingIfNeeded: info)
            if Self.symbolTypes.contains(type) {
                symbols[slot] = UInt32(truncatingIfNeeded: info >> 32)
            } else if type == Self.resolverType {
                resolved[addend, default: []].append(slot)
            }
        }
    }

    private mutating func nameSymbols(_ table: SectionHeader, of file: borrowing ImageFile) {
        guard Int(table.link) < file.sections.count,
            let entries = try? file.contents(of: table, limit: Self.limit),
            let strings = try? file.contents(
                of: file.sections[Int(table.link)], limit: Self.limit)
        else { return }
        for (slot, symbol) in symbols {
            guard let name = Self.name(of: symbol, entries, strings) else { continue }
            set(name, for: slot)
        }
    }

    /// Of several names of a resolver the one that people know, as everywhere.
    private mutating func nameResolved(_ table: SectionHeader, of file: borrowing ImageFile) {
        guard !resolved.isEmpty, Int(table.link) < file.sections.count else { return }
        var found: [ELFSymbol] = []
        try? file.forEachFunction(in: table) { symbol in
            if resolved[symbol.address] != nil, found.count < Self.maximumCount {
                found.append(symbol)
            }
        }
        found.sort { $0.name < $1.name }
        var best: [UInt64: (rank: UInt8, name: String)] = [:]
        let strings = file.sections[Int(table.link)]
        try? file.strings(of: strings, at: found.map(\.name)) { number, bytes in
            let rank =
                SymbolTableBuilder.rank(found[number].binding)
                + (SymbolTableBuilder.isPlain(bytes) ? 1 : 0)
            guard rank > best[found[number].address]?.rank ?? 0 else { return }
            let name = unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
            best[found[number].address] = (rank, String(name.prefix { $0 != "@" }))
        }
        for (resolver, known) in best {
            for slot in resolved[resolver] ?? [] { set(known.name, for: slot) }
            resolved[resolver] = nil
        }
    }

    private mutating func set(_ name: String, for slot: UInt64) {
        guard !name.isEmpty, name.utf8.count <= room else { return }
        room -= name.utf8.count
        names[slot] = name
    }

    private static func name(
        of symbol: UInt32, _ entries: [UInt8], _ strings: [UInt8]
    ) -> String? {
        var entry = ByteReader(entries.span.bytes)
        guard (try? entry.seek(to: UInt64(symbol) * UInt64(ELFSymbol.byteCount))) != nil,
            let offset = try? entry.read(UInt32.self)
        else { return nil }
        var name = ByteReader(strings.span.bytes)
        guard (try? name.seek(to: UInt64(offset))) != nil else { return nil }
        return try? name.readCString(limit: SymbolTableWriter.longestName)
    }
}
