import ProfileModel
import Testing

@testable import DWARFDebugInfo

@Suite struct DebugInfoTests {
    private func frames(
        _ program: SmallProgram, at address: UInt64
    ) throws(DWARFError) -> [SourceFrame] {
        var info = DebugInfo(DebugSections(program.sections))
        return try info.frames(at: ImageAddress(address))
    }

    private static let outer = SourceFrame(function: "outer", file: "/src/sub/a.c", line: 10)

    @Test func `a function has the line of its address`() throws {
        #expect(try frames(SmallProgram(), at: 0x1000) == [Self.outer])
        #expect(
            try frames(SmallProgram(), at: 0x10ff) == [
                SourceFrame(function: "outer", file: "/src/sub/a.c", line: 21)
            ])
    }

    @Test func `inlined functions are frames of their own`() throws {
        #expect(
            try frames(SmallProgram(), at: 0x1025) == [
                SourceFrame(function: "inner", file: "/src/sub/a.c", line: 20),
                SourceFrame(
                    function: "_middle", isLinkageName: true, file: "/src/sub/a.c", line: 300),
                SourceFrame(function: "outer", file: "/src/sub/a.c", line: 12),
            ])
        #expect(
            try frames(SmallProgram(), at: 0x1010).map(\.function) == ["_middle", "outer"])
        #expect(try frames(SmallProgram(), at: 0x1040).map(\.function) == ["outer"])
    }

    @Test(arguments: [0, 0xfff, 0x1100, .max] as [UInt64])
    func `nothing is known of other addresses`(address: UInt64) throws {
        #expect(try frames(SmallProgram(), at: address).isEmpty)
    }

    @Test func `a unit's code is known from the address ranges`() throws {
        let program = SmallProgram(rootHasCode: false, hasAddressRanges: true)
        #expect(try frames(program, at: 0x1000) == [Self.outer])
    }

    @Test func `a unit's code is known from its functions`() throws {
        let program = SmallProgram(rootHasCode: false)
        #expect(try frames(program, at: 0x1000) == [Self.outer])
        #expect(try frames(program, at: 0x1100).isEmpty)
    }

    @Test func `a function that is a copy of itself has a name`() throws {
        let program = SmallProgram(innerIsItsOwnOrigin: true)
        #expect(try frames(program, at: 0x1025).map(\.function) == ["inner", "_middle", "outer"])
    }

    @Test func `without lines there are names`() throws {
        var sections = SmallProgram().sections
        sections[.lines] = []
        var info = DebugInfo(DebugSections(sections))
        #expect(
            try info.frames(at: ImageAddress(0x1010)) == [
                SourceFrame(function: "_middle", isLinkageName: true, file: "", line: 0),
                SourceFrame(function: "outer", file: "", line: 12),
            ])
    }

    @Test func `without functions there are lines`() throws {
        var sections = SmallProgram().sections
        // The root's children are cut off.
        sections[.information]?.replaceSubrange(0..<4, with: [33, 0, 0, 0])
        var info = DebugInfo(DebugSections(sections))
        #expect(
            try info.frames(at: ImageAddress(0x1000)) == [
                SourceFrame(function: nil, file: "/src/sub/a.c", line: 10)
            ])
    }

    @Test func `without anything there is nothing`() throws {
        var info = DebugInfo(DebugSections([DebugSection: [UInt8]]()))
        #expect(try info.frames(at: ImageAddress(0x1000)).isEmpty)
    }

    @Test func `names may stand in the supplement`() throws {
        var abbreviations = DebugBytes()
        abbreviations.abbreviation(1, tag: 0x11, hasChildren: true, [(0x11, 0x01), (0x12, 0x07)])
        // Functions named by a string of the supplement, and by an entry of it.
        abbreviations.abbreviation(
            2, tag: 0x2e, hasChildren: false, [(0x03, 0x1f21), (0x11, 0x01), (0x12, 0x0b)])
        abbreviations.abbreviation(
            3, tag: 0x2e, hasChildren: false, [(0x31, 0x1f20), (0x11, 0x01), (0x12, 0x0b)])
        abbreviations.abbreviation(4, tag: 0x3c, hasChildren: true, [])
        abbreviations.abbreviation(5, tag: 0x2e, hasChildren: false, [(0x03, 0x0e)])
        abbreviations.byte(0)
        var image = DebugBytes()
        image.unit(version: 4) { unit in
            unit.byte(1)
            unit.number(UInt64(0x1000))
            unit.number(UInt64(0x20))
            for (code, offset, start) in [(2, 3, 0x1000), (3, 12, 0x1010)] {
                unit.byte(UInt8(code))
                unit.number(UInt32(offset))
                unit.number(UInt64(start))
                unit.byte(0x10)
            }
            unit.byte(0)
        }
        var supplement = DebugBytes()
        supplement.unit(version: 4) { unit in
            unit.byte(4, 5)
            unit.number(UInt32(8))
            unit.byte(0)
        }
        var strings = DebugBytes()
        for text in ["no", "main", "other"] { strings.text(text) }
        let sections = DebugSections([.information: image, .abbreviations: abbreviations])
        var info = DebugInfo(
            sections,
            supplement: DebugSections([
                .information: supplement, .abbreviations: abbreviations, .strings: strings,
            ]))
        #expect(try info.frames(at: ImageAddress(0x1000)).map(\.function) == ["main"])
        #expect(try info.frames(at: ImageAddress(0x1010)).map(\.function) == ["other"])
        var alone = DebugInfo(sections)
        #expect(try alone.frames(at: ImageAddress(0x1010)).map(\.function) == [nil])
    }

    @Test func `malformed entries are an error that says where`() {
        var sections = SmallProgram().sections
        sections[.lines] = []
        sections[.information]?[37] = 99
        var info = DebugInfo(DebugSections(sections))
        let error = #expect(throws: DWARFError.self) {
            try info.frames(at: ImageAddress(0x1000))
        }
        #expect(error == DWARFError(.unknownAbbreviation, in: .information, at: 38))
        #expect(
            error?.description == ".debug_info is unusable at offset 38: unknownAbbreviation")
    }

    @Test func `a source that fails is an error once`() throws {
        let source = FailingSource(sections: DebugSections(SmallProgram().sections))
        var info = DebugInfo(source)
        #expect(throws: Never.self) { try info.frames(at: ImageAddress(0x1000)) }
        info.dropTables()
        #expect(try info.frames(at: ImageAddress(0x1000)) == [Self.outer])
        #expect(info.byteCount > 0)
        #expect(info.entriesRead > 0)
    }

    private struct FailingSource: DebugSource {
        let sections: DebugSections

        func byteCount(of section: DebugSection) -> UInt64 { sections.byteCount(of: section) }

        func bytes(of section: DebugSection, at offset: UInt64, count: Int) -> [UInt8]? {
            section == .ranges ? nil : sections.bytes(of: section, at: offset, count: count)
        }
    }
}
