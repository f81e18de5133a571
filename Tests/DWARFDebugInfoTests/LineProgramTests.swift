import ProfileModel
import Testing

@testable import DWARFDebugInfo

@Suite struct LineProgramTests {
    /// What a table says of addresses: file and line, or a dash.
    private func lines(_ section: DebugBytes, at addresses: [UInt64]) throws -> [String] {
        var files = DebugFiles(
            DebugSections([.lines: section]), supplement: nil, package: nil, byteLimit: 1 << 20)
        let table = try LineTable(at: 0, of: try Self.unit, in: &files)
        return try addresses.map { address in
            guard let row = table.row(at: address) else { return "-" }
            let path = table.path(of: UInt64(row.file), in: try Self.unit, &files)
            return "\(path ?? "?"):\(row.line)"
        }
    }

    /// A unit without attributes.
    private static var unit: Unit {
        get throws {
            var section = DebugBytes()
            section.unit(version: 4) { $0.byte(1) }
            let bytes = section.bytes
            var reader = DebugReader(bytes.span.bytes, of: .information, from: 0)
            let header = try UnitHeader.read(&reader).unit.get()
            let root = Entry(
                offset: 11,
                Abbreviation(
                    code: 1, tag: .compileUnit, hasChildren: false, hasCode: false, byteCount: 0,
                    attributes: 0..<0))
            return Unit(header, UnitRoot(entry: root), file: .image)
        }
    }

    private func lines(
        minimumLength: UInt8 = 1, operations: UInt8 = 1, at addresses: [UInt64],
        _ program: (inout DebugBytes) -> Void
    ) throws -> [String] {
        var section = DebugBytes()
        section.lineTable(
            minimumLength: minimumLength, operations: operations, files: ["a.c", "/b.c"], program)
        return try lines(section, at: addresses)
    }

    @Test func `follows special and standard opcodes`() throws {
        let found = try lines(at: [0xfff, 0x1000, 0x1003, 0x1004, 0x1010, 0x101f, 0x1020]) {
            $0.setAddress(0x1000)
            $0.byte(3, 9, 1)  // line 10, copy
            $0.byte(13 + 12 * 4 + 3 + 2)  // 4 further, 2 lines on
            $0.byte(2, 12, 4, 2, 3)  // 12 further, file 2
            $0.sleb(-5)
            $0.byte(5, 7, 6, 7, 10, 11, 12, 1, 1)  // column, flags, isa, copy
            $0.byte(2, 16)
            $0.endSequence()
        }
        #expect(
            found == ["-", "sub/a.c:10", "sub/a.c:10", "sub/a.c:12", "/b.c:7", "/b.c:7", "-"])
    }

    @Test func `the last row of an address holds`() throws {
        let found = try lines(at: [0x1000, 0x1008]) {
            $0.setAddress(0x1000)
            $0.byte(1, 3, 4, 1, 3, 0x7e, 1)  // lines 1, 5, 3
            $0.byte(2, 8, 3, 2, 1, 3, 0x7e, 1)  // lines 5, 3
            $0.byte(2, 8)
            $0.endSequence()
        }
        #expect(found == ["sub/a.c:3", "sub/a.c:3"])
    }

    @Test func `const_add_pc and fixed_advance_pc move on`() throws {
        let found = try lines(at: [0x1013, 0x1014, 0x1113, 0x1114]) {
            $0.setAddress(0x1000)
            $0.byte(1, 8, 3, 1, 1)  // (255 − 13) / 12 = 20 further
            $0.byte(9, 0, 1, 3, 1, 1)  // 256 further
            $0.byte(2, 4)
            $0.endSequence()
        }
        #expect(found == ["sub/a.c:1", "sub/a.c:2", "sub/a.c:2", "sub/a.c:3"])
    }

    @Test func `instructions of several operations have one address`() throws {
        let found = try lines(minimumLength: 16, operations: 3, at: [0x1000, 0x1010, 0x1020]) {
            $0.setAddress(0x1000)
            $0.byte(1, 2, 2, 3, 1, 1)  // operation 2 of the first instruction
            $0.byte(2, 2, 3, 1, 1)  // operation 1 of the second
            $0.byte(2, 2)
            $0.endSequence()
        }
        #expect(found == ["sub/a.c:2", "sub/a.c:3", "-"])
    }

    @Test func `discarded sequences say nothing`() throws {
        let found = try lines(at: [0x10, 0x1000, .max - 1]) {
            for address in [0, .max, .max - 1, 0x1000] as [UInt64] {
                $0.setAddress(address)
                $0.byte(1, 2, 0x20)
                $0.endSequence()
            }
        }
        #expect(found == ["-", "sub/a.c:1", "-"])
    }

    @Test func `rows out of order are put in order`() throws {
        let found = try lines(at: [0x1000, 0x1010, 0x1020]) {
            $0.setAddress(0x1000)
            $0.byte(1)
            $0.setAddress(0x1020)
            $0.byte(3, 1, 1)
            $0.setAddress(0x1010)
            $0.byte(3, 1, 1)
            $0.setAddress(0x1030)
            $0.endSequence()
        }
        #expect(found == ["sub/a.c:1", "sub/a.c:3", "sub/a.c:2"])
    }

    @Test func `what comes before a malformed instruction is kept`() throws {
        let found = try lines(at: [0x1000, 0x1010]) {
            $0.setAddress(0x1000)
            $0.byte(1, 2, 0x10)
            $0.endSequence()
            $0.setAddress(0x1010)
            $0.byte(1, 0, 0x7f, 2)
        }
        #expect(found == ["sub/a.c:1", "-"])
    }

    @Test func `define_file adds a file`() throws {
        let found = try lines(at: [0x1000]) {
            $0.byte(0, 8, 3)
            $0.text("c.c")
            $0.byte(1, 0, 0)
            $0.setAddress(0x1000)
            $0.byte(4, 3, 1, 2, 1)
            $0.endSequence()
        }
        #expect(found == ["sub/c.c:1"])
    }

    /// Version 5: names by DW_FORM_string, directory by udata, an MD5 that is passed over.
    private func newTable(files: UInt64 = 2, formats: [(UInt64, UInt64)]) -> DebugBytes {
        var section = DebugBytes()
        section.counted { table in
            table.number(UInt16(5))
            table.byte(8, 0)
            table.counted { header in
                header.byte(1, 1, 1, 0xfd, 12, 13)
                header.raw([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1])
                header.byte(1, 1, 8, 2)
                header.text("/home")
                header.text("sub")
                header.byte(UInt8(formats.count))
                for (content, form) in formats { header.uleb(content, form) }
                header.uleb(files)
                guard files == 2 else { return }
                for (name, directory) in [("a.c", UInt8(0)), ("b.c", 1)] {
                    header.text(name)
                    header.byte(directory)
                    header.raw([UInt8](repeating: 7, count: 16))
                }
            }
            table.setAddress(0x1000)
            table.byte(4, 0, 1, 2, 8, 4, 1, 1, 2, 8)
            table.endSequence()
        }
        return section
    }

    @Test func `reads the file tables of version 5`() throws {
        let section = newTable(formats: [(1, 8), (2, 15), (5, 0x1e)])
        #expect(try lines(section, at: [0x1000, 0x1008]) == ["/home/a.c:1", "/home/sub/b.c:1"])
    }

    @Test func `rejects any number of files that take no bytes`() {
        let section = newTable(files: .max, formats: [])
        #expect(throws: DWARFError.self) { try lines(section, at: [0x1000]) }
        let implicit = newTable(files: .max, formats: [(1, 0x21), (2, 0x19)])
        #expect(throws: DWARFError.self) { try lines(implicit, at: [0x1000]) }
    }

    @Test func `rejects a line range of zero`() {
        var section = DebugBytes()
        section.lineTable(lineRange: 0) { $0.endSequence() }
        #expect(throws: DWARFError.self) { try lines(section, at: [0x1000]) }
    }
}
