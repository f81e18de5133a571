import CSampleABI
import ProfileModel
import Testing

@testable import Unwinding

@Suite struct UnwindTableTests {
    private static let code = [ImageAddress(0x1_1000)..<ImageAddress(0x5_0000)]

    private func table(
        code: [Range<ImageAddress>] = code, _ ehFrame: CallFrameBytes = CallFrameBytes(),
        debugFrame: CallFrameBytes = CallFrameBytes()
    ) throws -> UnwindTable {
        let (bytes, debugBytes) = (ehFrame.bytes, debugFrame.bytes)
        return try UnwindTable.build(
            from: UnwindSections(
                code: code, ehFrame: bytes.span.bytes, at: ImageAddress(CallFrameBytes.address),
                debugFrame: debugBytes.span.bytes))
    }

    /// Where rows are, and the CFA's offset from sp there; nil: no such rule.
    private func rows(_ table: UnwindTable) -> [[Int64?]] {
        table.pages.enumerated().flatMap { page, range in
            table.rows[range].map { row in
                let rule = table.rules[Int(row >> 16)]
                let address =
                    table.baseAddress.value + UInt64(page) << 16 + UInt64(row & 0xffff)
                let isSP = rule.cfa == UInt8(CFA_SP.rawValue)
                return [Int64(address), isSP ? Int64(rule.cfa_offset) : nil]
            }
        }
    }

    private func section(_ ranges: [(UInt64, UInt64, [UInt8])]) -> CallFrameBytes {
        var section = CallFrameBytes()
        section.common()
        for (start, length, instructions) in ranges {
            section.description(start: start, length: length, instructions)
        }
        return section
    }

    @Test func `lays out rows, and merges equal ones`() throws {
        let table = try table(
            section([(0x1_2000, 0x100, [0x44, 0x0e, 16, 0x44, 0x0e, 16, 0x44, 0x0e, 8])]))
        #expect(table.baseAddress == ImageAddress(0x1_0000))
        #expect(table.pages.count == 4)
        #expect(
            rows(table) == [
                [0x1_0000, nil], [0x1_2000, 8], [0x1_2004, 16], [0x1_200c, 8], [0x1_2100, nil],
            ])
        #expect(table.counters.descriptions == 1)
        #expect(table.counters.rawRows == 4)
        #expect(table.rule(at: ImageAddress(0x1_2003)).cfa_offset == 8)
        #expect(table.rule(at: ImageAddress(0x1_2004)).cfa_offset == 16)
        for address in [0, 0x1_1fff, 0x1_2100, 0x2_0000, 0x9_0000, .max] as [UInt64] {
            #expect(table.rule(at: ImageAddress(address)) == .uncovered)
        }
    }

    @Test func `closes short gaps and leaves long ones uncovered`() throws {
        let deeper: [UInt8] = [0x0e, 16]
        let table = try table(
            section([
                (0x1_2000, 0x11, []), (0x1_2020, 0x10, deeper), (0x1_2040, 0x10, deeper),
                (0x1_2050, 0x10, deeper),
            ]))
        #expect(
            rows(table).dropFirst() == [
                [0x1_2000, 8], [0x1_2020, 16], [0x1_2030, nil], [0x1_2040, 16], [0x1_2060, nil],
            ])
    }

    @Test func `repeats the rule at every page that code touches`() throws {
        let table = try table(section([(0x1_fff0, 0x2_0020, [0x02, 0x10, 0x0e, 16])]))
        #expect(
            rows(table) == [
                [0x1_0000, nil], [0x1_fff0, 8], [0x2_0000, 16], [0x3_0000, 16], [0x4_0000, 16],
                [0x4_0010, nil],
            ])
        #expect(table.rule(at: ImageAddress(0x3_8000)).cfa_offset == 16)
    }

    @Test func `ends with the last page`() throws {
        let table = try table(section([(0x4_0000, 0x1_0000, [])]))
        #expect(rows(table) == [[0x4_0000, 8]])
        #expect(table.pages.map(\.count) == [0, 0, 0, 1])
        #expect(table.rule(at: ImageAddress(0x4_ffff)).cfa_offset == 8)
    }

    @Test func `of overlapping descriptions the one that starts later holds`() throws {
        let table = try table(
            section([
                (0x1_2000, 0x100, []), (0x1_2040, 0x20, [0x0e, 16]), (0x1_2040, 0x80, [0x0e, 24]),
            ]))
        #expect(
            rows(table).dropFirst() == [[0x1_2000, 8], [0x1_2040, 16], [0x1_2060, nil]])
        #expect(table.counters.descriptions == 2)
    }

    @Test func `ignores what is outside the code`() throws {
        let table = try table(
            section([
                (0x0, 0x100, []), (0x1_0ff0, 0x20, []), (0x4_fff0, 0x100, []), (0x6_0000, 8, []),
            ]))
        #expect(rows(table) == [[0x4_0000, nil], [0x4_fff0, 8]])
    }

    @Test func `takes from .debug_frame only what .eh_frame does not cover`() throws {
        var debugFrame = CallFrameBytes()
        debugFrame.isEHFrame = false
        debugFrame.augmentation = ""
        debugFrame.common()
        for (start, length) in [(0x1_2010, 0x20), (0x1_2100, 0x100), (0x1_2200, 0x10)] {
            debugFrame.description(start: UInt64(start), length: UInt64(length), [0x0e, 32])
        }
        let ehFrame = section([(0x1_2000, 0x40, []), (0x1_2180, 0x40, [])])
        #expect(
            rows(try table(ehFrame, debugFrame: debugFrame)).dropFirst() == [
                [0x1_2000, 8], [0x1_2040, nil], [0x1_2100, 32], [0x1_2180, 8], [0x1_21c0, nil],
                [0x1_2200, 32], [0x1_2210, nil],
            ])
    }

    @Test func `counts what does not fit, by cause, and goes on`() throws {
        let table = try table(
            section([
                (0x1_2000, 0x100, [0x44, 0x08, 16, 0x44, 0x90, 1]), (0x1_2200, 0x10, [0x44, 0x3f]),
                (0x1_2300, 0x10, [0x09, 6, 3]),
            ]))
        #expect(
            rows(table).dropFirst() == [
                [0x1_2000, 8], [0x1_2004, nil], [0x1_2008, 8], [0x1_2100, nil], [0x1_2200, 8],
                [0x1_2204, nil], [0x1_2210, nil], [0x1_2300, 8], [0x1_2310, nil],
            ])
        #expect(table.rule(at: ImageAddress(0x1_2004)) == .unsupported)
        #expect(table.rule(at: ImageAddress(0x1_2204)) == .unsupported)
        #expect(table.counters[.returnAddress] == 1)
        #expect(table.counters[.malformed] == 1)
        #expect(table.counters.malformed == 1)
        #expect(table.counters.unsupportedRows == 2)
        #expect(table.counters.lostFramePointers == 1)
    }

    @Test func `refuses images without code, and those too wide`() {
        #expect(throws: UnwindTableError.noCode) { try table(code: []) }
        #expect(throws: UnwindTableError.noCode) {
            try table(code: [ImageAddress(5)..<ImageAddress(5)])
        }
        #expect(throws: UnwindTableError.codeTooWide) {
            try table(code: [ImageAddress(0)..<ImageAddress(1 << 31)])
        }
        #expect(throws: UnwindTableError.codeTooWide) {
            try table(code: [
                ImageAddress(0)..<ImageAddress(1), ImageAddress(.max - 1)..<ImageAddress(.max),
            ])
        }
    }

    @Test func `keeps to the limits of the shared layout`() {
        #expect(CodeRanges.maximumPages == 32766)
        #expect(MemoryLayout<unwind_rule>.size == 16)
        #expect(MemoryLayout<unwind_page>.size == 8)
    }
}
