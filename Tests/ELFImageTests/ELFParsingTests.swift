import ProfileModel
import Testing

@testable import ELFImage

@Suite struct ELFParsingTests {
    /// Everything there is to parse in a file, as a reader of hostile files would.
    private func parseAll(_ bytes: [UInt8]) throws(ELFError) {
        func part(_ offset: UInt64, _ count: UInt64) -> [UInt8] {
            let total = UInt64(bytes.count)
            guard offset <= total, count <= total - offset else { return [] }
            return Array(bytes[Int(offset)..<Int(offset + count)])
        }
        let header = try ELFHeader(parsing: bytes.span.bytes)
        let programs = part(header.programHeaders.offset, UInt64(header.programHeaders.byteCount))
        let segments = try ProgramHeader.parse(programs.span.bytes, table: header.programHeaders)
        let headers = part(header.sectionHeaders.offset, UInt64(header.sectionHeaders.byteCount))
        let sections = try SectionHeader.parse(headers.span.bytes, table: header.sectionHeaders)
        for offset in [0, 0x1000, 0x1001, .max] as [UInt64] {
            _ = segments.imageAddress(of: FileOffset(offset))
        }
        for segment in segments {
            _ = Notes.buildID(in: part(segment.offset, segment.fileSize).span.bytes)
        }
        for section in sections {
            let content = part(section.offset, section.size)
            ELFSymbol.forEachFunction(in: content.span.bytes, sections: sections) { _ in }
        }
    }

    @Test func `reads header, segments, sections, symbols and build ID`() throws {
        let bytes = SmallImage().bytes
        let header = try ELFHeader(parsing: bytes.span.bytes)
        #expect(header.type == 3)
        #expect(header.programHeaders == .init(offset: 64, count: 2, entrySize: 56))
        #expect(header.sectionHeaders.count == 4)
        let segments = try ProgramHeader.parse(
            Array(bytes[64..<176]).span.bytes, table: header.programHeaders)
        #expect(segments.map(\.type) == [ProgramHeader.load, ProgramHeader.note])
        #expect(segments.imageAddress(of: FileOffset(0x1010)) == ImageAddress(0x40_1010))
        #expect(segments.imageAddress(of: FileOffset(0x1100)) == nil)
        #expect(segments.imageAddress(of: FileOffset(0xfff)) == nil)
        let start = Int(header.sectionHeaders.offset)
        let sections = try SectionHeader.parse(
            Array(bytes[start..<start + 256]).span.bytes, table: header.sectionHeaders)
        #expect(sections[1].isExecutable)
        let table = sections[2]
        var names: [UInt64: UInt64] = [:]
        let content = Array(bytes[Int(table.offset)..<Int(table.offset + table.size)])
        ELFSymbol.forEachFunction(in: content.span.bytes, sections: sections) {
            names[$0.address] = $0.size
        }
        #expect(names == [0x40_1000: 16, 0x40_1020: 0])
        let note = Array(bytes[0x100..<0x124])
        #expect(Notes.buildID(in: note.span.bytes) == BuildID(Array(1...20)))
    }

    @Test func `leaves out symbols that name no code`() throws {
        var image = SmallImage()
        image.symbols = [
            .init(name: "object", address: 1, size: 1, info: 0x11),
            .init(name: "undefined", address: 2, size: 1, section: 0),
            .init(name: "untyped in code", address: 3, size: 0, info: 0x10),
            .init(name: "untyped in data", address: 4, size: 0, info: 0x10, section: 3),
            .init(name: "untyped, no such section", address: 5, size: 0, info: 0, section: 9),
            .init(name: "chosen at load", address: 6, size: 1, info: 0x1a),
            .init(name: "", address: 7, size: 1),
        ]
        let bytes = image.bytes
        let header = try ELFHeader(parsing: bytes.span.bytes)
        let start = Int(header.sectionHeaders.offset)
        let sections = try SectionHeader.parse(
            Array(bytes[start..<start + 256]).span.bytes, table: header.sectionHeaders)
        var found: [UInt64] = []
        let content = Array(
            bytes[Int(sections[2].offset)..<Int(sections[2].offset + sections[2].size)])
        ELFSymbol.forEachFunction(in: content.span.bytes, sections: sections) {
            found.append($0.address)
        }
        // The last one has a name offset, but an empty name: whoever reads names leaves it out.
        #expect(found == [3, 6, 7])
    }

    @Test func `refuses what is not 64-bit little-endian ELF`() {
        for (place, value, code) in [
            (0, 0x7e, ELFError.Code.notELF), (4, 1, .unsupportedClass), (5, 2, .unsupportedClass),
            (6, 0, .unsupportedClass), (54, 55, .badEntrySize), (58, 63, .badEntrySize),
        ] as [(Int, UInt8, ELFError.Code)] {
            var bytes = SmallImage().bytes
            bytes[place] = value
            let error = #expect(throws: ELFError.self) {
                try ELFHeader(parsing: bytes.span.bytes)
            }
            #expect(error?.code == code)
        }
    }

    @Test func `refuses every truncation of a header`() {
        let bytes = SmallImage().bytes
        for length in 0..<ELFHeader.byteCount {
            let short = Array(bytes[..<length])
            #expect(throws: ELFError.self) { try ELFHeader(parsing: short.span.bytes) }
        }
        // The last eight bytes of an entry, p_align, tell us nothing and are not read.
        for length in 0..<104 {
            let short = Array(bytes[64..<64 + length])
            #expect(throws: ELFError.self) {
                try ProgramHeader.parse(
                    short.span.bytes, table: .init(offset: 64, count: 2, entrySize: 56))
            }
        }
    }

    @Test func `survives every truncation of a file`() {
        let bytes = SmallImage().bytes
        for length in 0..<0x300 { try? parseAll(Array(bytes[..<length])) }
    }

    @Test func `survives notes of any lengths`() {
        let note = Array(SmallImage().bytes[0x100..<0x124])
        for length in 0..<note.count {
            #expect(Notes.buildID(in: Array(note[..<length]).span.bytes) == nil)
        }
        for place in [0, 4] {
            for value in [0xffff_ffff, 0x7fff_ffff, 0xffff_fffd] as [UInt32] {
                var bad = note
                withUnsafeBytes(of: value.littleEndian) {
                    bad.replaceSubrange(place..<place + 4, with: $0)
                }
                #expect(Notes.buildID(in: bad.span.bytes) == nil)
            }
        }
    }

    @Test func `survives twenty thousand mutations`() {
        var random = SeededGenerator(seed: 1)
        let good = Array(SmallImage().bytes[..<0x300])
        for _ in 0..<20_000 {
            var bad = good
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bad.count, using: &random)
                bad[place] = [0, 1, 0x7f, 0x80, 0xff, .random(in: 0...255, using: &random)]
                    .randomElement(using: &random)!
            }
            try? parseAll(bad)
        }
    }
}

/// xorshift64*: the same mutations in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_f491_4f6c_dd1d
    }
}
