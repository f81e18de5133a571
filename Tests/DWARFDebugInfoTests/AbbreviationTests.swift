import Testing

@testable import DWARFDebugInfo

@Suite struct AbbreviationTests {
    private let format = UnitFormat(version: 5, isWide: false)

    private func table(
        through last: UInt64? = nil, _ build: (inout DebugBytes) -> Void
    ) throws(DWARFError) -> AbbreviationTable {
        var section = DebugBytes()
        build(&section)
        let bytes = section.bytes
        var reader = DebugReader(bytes.span.bytes, of: .abbreviations, from: 0)
        return try AbbreviationTable(reading: &reader, for: format, through: last)
    }

    @Test func `finds abbreviations by code`() throws {
        let table = try table { section in
            section.abbreviation(1, tag: 0x11, hasChildren: true, [(0x03, 0x0e)])
            section.abbreviation(2, tag: 0x2e, hasChildren: false, [(0x11, 0x01), (0x12, 0x0b)])
            section.byte(0)
        }
        #expect(table.place(of: 1) == 0)
        #expect(table.place(of: 2) == 1)
        #expect(table.place(of: 3) == nil)
        #expect(table.place(of: .max) == nil)
        let function = table.abbreviations[1]
        #expect(function.tag == .subprogram)
        #expect(function.hasCode)
        #expect(!function.hasChildren)
        #expect(function.byteCount == 9)
    }

    @Test func `finds codes that are in no order`() throws {
        let table = try table { section in
            section.abbreviation(1, tag: 0x11, hasChildren: true, [])
            section.abbreviation(70_000, tag: 0x2e, hasChildren: false, [(0x03, 0x08)])
            section.abbreviation(2, tag: 0x1d, hasChildren: false, [])
            section.byte(0)
        }
        #expect(table.place(of: 1) == 0)
        #expect(table.place(of: 70_000) == 1)
        #expect(table.place(of: 2) == 2)
        #expect(table.place(of: 3) == nil)
        #expect(table.abbreviations[1].byteCount == nil)
    }

    @Test func `stops at the one that is asked for`() throws {
        let table = try table(through: 1) { section in
            section.abbreviation(1, tag: 0x11, hasChildren: true, [])
            section.byte(2)
        }
        #expect(table.abbreviations.count == 1)
    }

    @Test func `reads implicit constants`() throws {
        let table = try table { section in
            section.uleb(1, 0x1d)
            section.byte(0)
            section.uleb(0x58, 0x21)
            section.sleb(-3)
            section.uleb(0, 0, 0)
        }
        #expect(table.attributes[0].implicit == -3)
        #expect(table.attributes[0].attribute == .callFile)
    }

    @Test func `rejects a table without an end`() {
        #expect(throws: DWARFError(.truncated, in: .abbreviations, at: 5)) {
            try table { $0.abbreviation(1, tag: 0x11, hasChildren: true, []) }
        }
    }

    @Test func `rejects more attributes than any entry has`() {
        let error = #expect(throws: DWARFError.self) {
            try table { section in
                section.abbreviation(
                    1, tag: 0x11, hasChildren: true,
                    [(UInt64, UInt64)](repeating: (3, 8), count: 2000))
            }
        }
        #expect(error?.code == .tooLarge)
    }
}
