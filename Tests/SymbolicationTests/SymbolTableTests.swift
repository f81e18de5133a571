import Glibc
import LinuxSystem
import ProfileModel
import Testing

@testable import ELFImage
@testable import Symbolication

@Suite struct SymbolTableTests {
    private struct Symbol {
        let start: UInt64
        let size: UInt64
        var rank: UInt8 = 1
        let name: String
    }

    /// Through a file, as all tables go.
    private func table(_ symbols: [Symbol], codeEnd: UInt64 = 0x2000) throws -> SymbolTable {
        let file = try OwnedDescriptor.memory(named: "table", contents: [])
        let writer = SymbolTableWriter(file, origin: .symbolTable, source: "where from")
        var builder = SymbolTableBuilder(writer, sections: [Self.code(to: codeEnd)])
        for symbol in symbols {
            builder.add(
                name: symbol.name, start: symbol.start, size: symbol.size, rank: symbol.rank)
        }
        let made = builder.finish()
        return try #require(made)
    }

    /// An executable section from address 0.
    private static func code(to end: UInt64) -> SectionHeader {
        var bytes = [UInt8](repeating: 0, count: SectionHeader.byteCount)
        bytes[8] = 4
        withUnsafeBytes(of: end) { bytes.replaceSubrange(32..<40, with: $0) }
        let parsed = try? SectionHeader.parse(
            bytes.span.bytes,
            table: ELFHeader.Table(offset: 0, count: 1, entrySize: bytes.count))
        return parsed?.first ?? { preconditionFailure("the section is well-formed") }()
    }

    private func name(_ table: SymbolTable, at address: UInt64) -> String? {
        table.function(at: ImageAddress(address))?.name
    }

    @Test func `names what lies in a function, and nothing in a gap`() throws {
        let table = try table([
            Symbol(start: 0x1020, size: 0x10, name: "second"),
            Symbol(start: 0x1000, size: 0x10, name: "first"),
        ])
        for (address, expected) in [
            (0xfff, nil), (0x1000, "first"), (0x100f, "first"), (0x1010, nil), (0x101f, nil),
            (0x1020, "second"), (0x102f, "second"), (0x1030, nil), (.max, nil), (0, nil),
        ] as [(UInt64, String?)] {
            #expect(name(table, at: address) == expected)
        }
        #expect(table.origin == .symbolTable)
        #expect(table.source == "where from")
        #expect(table.function(at: ImageAddress(0x1004))?.range == 0x1000..<0x1010)
    }

    @Test func `a function without a size reaches to the next one, the last to the section's end`()
        throws
    {
        let table = try table([
            Symbol(start: 0x1000, size: 0, name: "first"),
            Symbol(start: 0x1020, size: 0, name: "second"),
        ])
        #expect(name(table, at: 0x101f) == "first")
        #expect(name(table, at: 0x1fff) == "second")
        #expect(name(table, at: 0x2000) == nil)
    }

    @Test func `of several names at one address the best counts`() throws {
        let table = try table([
            Symbol(start: 0x1000, size: 0x10, rank: 1, name: "alias"),
            Symbol(start: 0x1000, size: 0x10, rank: 5, name: "first"),
            Symbol(start: 0x1000, size: 0x10, rank: 0, name: "_hidden"),
        ])
        #expect(table.count == 1)
        #expect(name(table, at: 0x1008) == "first")
    }

    @Test func `survives sizes and places that make no sense`() throws {
        let table = try table([
            Symbol(start: 0x1000, size: .max, name: "first"),
            Symbol(start: 0x1900, size: 8, name: ""),
            Symbol(start: .max, size: 8, name: "second"),
        ])
        #expect(name(table, at: 0x1004) == "first")
        #expect(name(table, at: 0x1904) == "first")
        #expect(name(table, at: .max - 1) == nil, "beyond 4 GiB from the first function")
        #expect(try self.table([]).isEmpty)
    }

    @Test func `a damaged or cut-off file is no table`() throws {
        let whole = try OwnedDescriptor.memory(named: "table", contents: [])
        let writer = SymbolTableWriter(
            OwnedDescriptor(owning: dup(whole.number)), origin: .symbolTable, source: "")
        var builder = SymbolTableBuilder(writer, sections: [])
        for number in UInt64(0)..<4 {
            builder.add(name: "function\(number)", start: 0x1000 + number * 16, size: 16)
        }
        _ = builder.finish()
        _ = lseek(whole.number, 0, SEEK_SET)
        let bytes = try whole.readAll(limit: 1 << 20)
        for length in 0..<bytes.count {
            let file = try OwnedDescriptor.memory(
                named: "cut", contents: Array(bytes[..<length]))
            #expect(SymbolTable(file) == nil, "\(length) bytes")
        }
        // Names are not checked: a wrong one is wrong, and hurts nobody.
        let names = SymbolTable.headerBytes - 8..<bytes.count - 4 * 12
        for place in bytes.indices where !names.contains(place) {
            var damaged = bytes
            damaged[place] ^= 0x40
            let file = try OwnedDescriptor.memory(named: "damaged", contents: damaged)
            #expect(SymbolTable(file) == nil, "byte \(place)")
        }
    }

    @Test func `reads kallsyms with modules, and knows what is hidden`() {
        let text = """
            ffffffff81000000 T _stext
            ffffffff81000100 t first
            ffffffff81000180 D data
            ffffffff81000200 W second
            ffffffffc0000000 t helper\t[module_a]
            ffffffffc0000040 t bpf_prog_1_x\t[bpf]
            bad line
            """
        let symbols = KernelSymbols(parsing: Array(text.utf8))
        func find(_ address: UInt64) -> String? {
            symbols.function(at: ProcessAddress(address)).map { "\($0.name) \($0.module)" }
        }
        #expect(symbols.count == 5)
        #expect(find(0xffff_ffff_8100_0100) == "first vmlinux")
        #expect(find(0xffff_ffff_8100_01ff) == "first vmlinux")
        #expect(find(0xffff_ffff_8100_0200) == "second vmlinux")
        #expect(find(0xffff_ffff_c000_0010) == "helper module_a")
        #expect(find(0xffff_ffff_c000_0050) == "bpf_prog_1_x bpf")
        #expect(find(0xffff_ffff_c000_2000) == nil)
        #expect(find(0x1000) == nil)
        let hidden = KernelSymbols(parsing: Array("0000000000000000 T _stext\n".utf8))
        #expect(hidden.isHidden)
        #expect(hidden.function(at: ProcessAddress(0)) == nil)
        #expect(!KernelSymbols(parsing: []).isHidden)
    }
}
