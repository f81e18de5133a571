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

    private static let sections = [".plt", ".plt.sec", ".plt.got", ".iplt"]
    /// Bytes of a section that is read for it; the largest known have some megabytes.
    private static let limit = 64 << 20
    /// What names may take when they are written out: a hostile table has one long name for all.
    private static let nameLimit = 16 << 20

    /// - Parameters:
    ///   - file: the image.
    ///   - holder: has `table`, whose symbols name indirect functions.
    init(
        of file: borrowing ImageFile, table: SectionHeader? = nil, in holder: borrowing ImageFile
    ) {
        let names = LinkageSlots(of: file, table: table, in: holder).names
        guard !names.isEmpty else { return }
        var room = Self.nameLimit
        for name in Self.sections {
            guard let section = file.section(named: name), section.isExecutable,
                let code = try? file.contents(of: section, limit: Self.limit)
            else { continue }
            Self.forEachJump(in: code, at: section.address) { start, size, slot in
                guard let name = names[slot], name.utf8.count <= room else { return }
                room -= name.utf8.count
                stubs.append(Stub(start: start, size: size, name: name))
            }
        }
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
            let size = entrySize(of: code, jumpAt: place)
            let start = place / size * size
            body(
                address &+ UInt64(start), UInt64(size),
                next &+ UInt64(bitPattern: Int64(Int32(bitPattern: distance))))
            place = start + size
        }
    }

    /// Entries have 16 bytes, whatever is before the jump (endbr64, bnd) and after it. Those of
    /// `.plt.got` have 8 where nothing is before it, or bnd: the jump and a `nop` of what is left.
    private static func entrySize(of code: [UInt8], jumpAt place: Int) -> Int {
        let isShort =
            switch place % 8 {
            case 0: code[(place + 6)...].starts(with: [0x66, 0x90])
            case 1: code[place - 1] == 0xf2 && code[(place + 6)...].starts(with: [0x90])
            default: false
            }
        return isShort ? 8 : 16
    }
}
