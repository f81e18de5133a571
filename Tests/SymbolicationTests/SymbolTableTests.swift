import ProfileModel
import Testing

@testable import Symbolication

@Suite struct SymbolTableTests {
    private static let strings = Array("\0first\0second\0alias\0_hidden\0".utf8)

    private func table(_ entries: [SymbolTable.Entry], limit: UInt64 = 0x2000) -> SymbolTable {
        SymbolTable(entries, strings: Self.strings.span.bytes) { _ in limit }
    }

    private func name(_ table: SymbolTable, at address: UInt64) -> String? {
        table.function(at: ImageAddress(address))?.name
    }

    @Test func `names what lies in a function, and nothing in a gap`() {
        let table = table([
            .init(start: 0x1000, size: 0x10, rank: 1, name: 1),
            .init(start: 0x1020, size: 0x10, rank: 1, name: 7),
        ])
        for (address, expected) in [
            (0xfff, nil), (0x1000, "first"), (0x100f, "first"), (0x1010, nil), (0x101f, nil),
            (0x1020, "second"), (0x102f, "second"), (0x1030, nil), (.max, nil), (0, nil),
        ] as [(UInt64, String?)] {
            #expect(name(table, at: address) == expected)
        }
    }

    @Test func `symbols that share one long name take bounded memory`() {
        let strings = [UInt8](repeating: UInt8(ascii: "a"), count: 16_000) + [0]
        let entries = (0..<20_000).map {
            SymbolTable.Entry(start: UInt64($0) * 16, size: 16, rank: 1, name: UInt32($0 % 64))
        }
        let table = SymbolTable(entries, strings: strings.span.bytes) { _ in 0 }
        #expect(table.count > 60 && table.byteCount < 2 << 20)
        #expect(table.function(at: ImageAddress(0)) != nil)
    }

    @Test func `a function without a size reaches to the next one, the last to the section's end`()
    {
        let table = table([
            .init(start: 0x1000, size: 0, rank: 1, name: 1),
            .init(start: 0x1020, size: 0, rank: 1, name: 7),
        ])
        #expect(name(table, at: 0x101f) == "first")
        #expect(name(table, at: 0x1fff) == "second")
        #expect(name(table, at: 0x2000) == nil)
    }

    @Test func `of several names at one address the best counts`() {
        let table = table([
            .init(start: 0x1000, size: 0x10, rank: 1, name: 14),
            .init(start: 0x1000, size: 0x10, rank: 5, name: 1),
            .init(start: 0x1000, size: 0x10, rank: 0, name: 20),
        ])
        #expect(table.count == 1)
        #expect(name(table, at: 0x1008) == "first")
    }

    @Test func `survives names and sizes that make no sense`() {
        let table = table([
            .init(start: 0x1000, size: .max, rank: 1, name: 1),
            .init(start: 0x1800, size: 8, rank: 1, name: 9_999),
            .init(start: 0x1900, size: 8, rank: 1, name: 0),
            .init(start: .max, size: 8, rank: 1, name: 7),
        ])
        #expect(name(table, at: 0x1004) == "first")
        #expect(name(table, at: 0x1904) == "first")
        #expect(name(table, at: .max - 1) == "first")
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
