import ByteReading
import ELFImage
import ImageFiles
import ProfileModel

/// Entries of the procedure linkage table, which have no symbols: `malloc@plt` jumps to what the dynamic
/// linker found for `malloc` (System V ABI x86-64, "Procedure Linkage Table").
///
/// Whatever the linker made of the section (`.plt`, `.plt.sec` with IBT, `.plt.got`), an entry holds
/// `jmp *slot(%rip)`, and a relocation of the slot tells the symbol.
struct LinkageStubs {
    /// One entry of the table.
    struct Stub {
        let start: UInt64
        let size: UInt64
        let name: String
    }

    private(set) var stubs: [Stub] = []

    private static let sections = [".plt", ".plt.sec", ".plt.got"]
    private static let relocationSections = [".rela.plt", ".rela.dyn"]
    /// R_X86_64_GLOB_DAT and R_X86_64_JUMP_SLOT
    private static let slotTypes: Set<UInt32> = [6, 7]
    /// Bytes of a section that is read for it; the largest known have some megabytes.
    private static let limit = 64 << 20

    init(of file: borrowing ImageFile) {
        let symbols = Self.slotSymbols(of: file)
        guard !symbols.isEmpty,
            let table = file.sections.first(where: {
                $0.type == SectionHeader.dynamicSymbolTable
            }), Int(table.link) < file.sections.count,
            let entries = try? file.contents(of: table, limit: Self.limit),
            let names = try? file.contents(
                of: file.sections[Int(table.link)], limit: Self.limit)
        else { return }
        for name in Self.sections {
            guard let section = file.section(named: name), section.isExecutable,
                let code = try? file.contents(of: section, limit: Self.limit)
            else { continue }
            Self.forEachJump(in: code, at: section.address) { start, size, slot in
                guard let symbol = symbols[slot],
                    let name = Self.name(of: symbol, entries, names)
                else { return }
                stubs.append(Stub(start: start, size: size, name: "\(name)@plt"))
            }
        }
    }

    /// Which symbol of `.dynsym` goes into which slot.
    private static func slotSymbols(of file: borrowing ImageFile) -> [UInt64: UInt32] {
        var symbols: [UInt64: UInt32] = [:]
        for name in relocationSections {
            guard let section = file.section(named: name),
                let bytes = try? file.contents(of: section, limit: limit)
            else { continue }
            var reader = ByteReader(bytes.span.bytes)
            while let slot = try? reader.read(UInt64.self),
                let info = try? reader.read(UInt64.self),
                (try? reader.skip(8)) != nil
            {
                guard slotTypes.contains(UInt32(truncatingIfNeeded: info)) else { continue }
                symbols[slot] = UInt32(truncatingIfNeeded: info >> 32)
            }
        }
        return symbols
    }

    /// Calls `body` with each entry that has a `jmp *offset(%rip)` (ff 25), and the address of its slot.
    private static func forEachJump(
        in code: [UInt8], at address: UInt64, _ body: (UInt64, UInt64, UInt64) -> Void
    ) {
        var place = 0
        while place + 6 <= code.count {
            guard code[place] == 0xff, code[place + 1] == 0x25 else {
                place += 1
                continue
            }
            let distance = code[place + 2..<place + 6].reversed().reduce(UInt32(0)) {
                $0 << 8 | UInt32($1)
            }
            let next = address &+ UInt64(place + 6)
            // Entries have 16 bytes, those of .plt.got 8; what is before the jump is endbr64 or bnd.
            let size = code.count % 16 == 0 ? 16 : 8
            let start = place / size * size
            body(
                address &+ UInt64(start), UInt64(size),
                next &+ UInt64(bitPattern: Int64(Int32(bitPattern: distance))))
            place = start + size
        }
    }

    private static func name(of symbol: UInt32, _ entries: [UInt8], _ names: [UInt8]) -> String? {
        var entry = ByteReader(entries.span.bytes)
        guard (try? entry.seek(to: UInt64(symbol) * UInt64(ELFSymbol.byteCount))) != nil,
            let offset = try? entry.read(UInt32.self)
        else { return nil }
        var name = ByteReader(names.span.bytes)
        guard (try? name.seek(to: UInt64(offset))) != nil,
            let text = try? name.readCString(limit: SymbolTableWriter.longestName), !text.isEmpty
        else { return nil }
        return text
    }
}
