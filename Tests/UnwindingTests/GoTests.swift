import CSampleABI
import Glibc
import ProfileModel
import Testing

@testable import Unwinding

@Suite struct GoTests {
    private func table(
        _ lines: GoLineBytes, ehFrame: CallFrameBytes = CallFrameBytes(), text: ImageAddress? = nil
    ) throws -> UnwindTable {
        let (bytes, frames) = (lines.bytes, ehFrame.bytes)
        return try UnwindTable.build(
            from: UnwindSections(
                code: [ImageAddress(0x1_1000)..<ImageAddress(0x1_3000)],
                ehFrame: frames.span.bytes, at: ImageAddress(CallFrameBytes.address),
                goLines: bytes.span.bytes, goText: text))
    }

    /// A row in short: kind and offset of the CFA, and whether the frame pointer is at cfa − 16.
    private struct Row: Equatable {
        var address: UInt64
        var kind: cfa_kind
        var offset: Int32
        var isSaved: Bool

        init(_ address: UInt64, _ kind: cfa_kind, _ offset: Int32 = 0, isSaved: Bool = false) {
            (self.address, self.kind, self.offset) = (address, kind, offset)
            self.isSaved = isSaved
        }

        static func == (left: Row, right: Row) -> Bool {
            left.address == right.address && left.kind.rawValue == right.kind.rawValue
                && left.offset == right.offset && left.isSaved == right.isSaved
        }
    }

    private func rows(_ table: UnwindTable) -> [Row] {
        table.pages.enumerated().flatMap { page, range in
            table.rows[range].map { row in
                let rule = table.rules[Int(row >> 16)]
                return Row(
                    table.baseAddress.value + UInt64(page) << 16 + UInt64(row & 0xffff),
                    cfa_kind(UInt32(rule.cfa)), rule.cfa_offset,
                    isSaved: rule.fp == UInt8(SAVED_FP_AT_CFA.rawValue) && rule.fp_offset == -16)
            }
        }
    }

    /// SUBQ at 0x1_1000 … 4, ADDQ at … 0x40.
    private let framed: [(change: Int32, length: UInt64)] = [(1, 4), (32, 0x3c), (-32, 0x10)]

    @Test(arguments: GoLineBytes.Version.allCases)
    func `reads the line tables of each version`(version: GoLineBytes.Version) throws {
        var lines = GoLineBytes(version: version)
        lines.functions = [
            .init(name: "main.main", start: 0x1_1000, deltas: framed),
            .init(name: "main.leaf", start: 0x1_1100, deltas: [(1, 0x20)]),
        ]
        lines.end = 0x1_1120
        let table = try table(lines)
        #expect(
            rows(table) == [
                Row(0x1_0000, CFA_NONE), Row(0x1_1000, CFA_SP, 8), Row(0x1_1004, CFA_SP, 40),
                Row(0x1_1009, CFA_SP, 40, isSaved: true), Row(0x1_1040, CFA_SP, 8),
                Row(0x1_1120, CFA_NONE),
            ])
        #expect(table.counters.goFunctions == 2)
        #expect(table.counters.malformed == 0)
    }

    @Test func `knows prologues that push the frame pointer`() throws {
        var lines = GoLineBytes()
        lines.functions = [
            .init(name: "main.main", start: 0x1_1000, deltas: [(1, 1), (8, 7), (24, 0x38)])
        ]
        #expect(
            rows(try table(lines)).dropFirst() == [
                Row(0x1_1000, CFA_SP, 8), Row(0x1_1001, CFA_SP, 16, isSaved: true),
                Row(0x1_1008, CFA_SP, 40, isSaved: true), Row(0x1_2000, CFA_NONE),
            ])
    }

    @Test(arguments: [(8, 4), (135, 5), (136, 8)] as [(Int32, UInt64)])
    func `knows how long the store of the frame pointer is`(delta: Int32, length: UInt64) throws {
        var lines = GoLineBytes(version: .go18)
        let deltas: [(change: Int32, length: UInt64)] = [(1, 4), (change: delta, length: 0x3c)]
        lines.functions = [.init(name: "main.main", start: 0x1_1000, deltas: deltas)]
        #expect(
            rows(try table(lines)).dropFirst(2).prefix(2) == [
                Row(0x1_1004, CFA_SP, delta + 8),
                Row(0x1_1004 + length, CFA_SP, delta + 8, isSaved: true),
            ])
    }

    @Test(arguments: [
        "runtime.goexit", "runtime.goexit.abi0", "runtime.mstart", "runtime.rt0_go",
        "runtime.mcall", "runtime.morestack", "_rt0_amd64", "_rt0_amd64_linux",
    ])
    func `ends at outermost functions`(name: String) throws {
        var lines = GoLineBytes()
        lines.functions = [.init(name: name, start: 0x1_1000, deltas: framed)]
        #expect(
            rows(try table(lines)).dropFirst() == [
                Row(0x1_1000, CFA_END), Row(0x1_2000, CFA_NONE),
            ])
    }

    @Test func `goes by the frame pointer where the stack is switched`() throws {
        var lines = GoLineBytes(version: .go18)
        lines.functions = [
            .init(name: "runtime.systemstack", start: 0x1_1000, deltas: [(1, 0x100)]),
            .init(name: "time.now", start: 0x1_1100, deltas: framed),
        ]
        lines.end = 0x1_1150
        #expect(
            rows(try table(lines)).dropFirst() == [
                Row(0x1_1000, CFA_FP, 16, isSaved: true), Row(0x1_1100, CFA_SP, 8),
                Row(0x1_1104, CFA_SP, 40), Row(0x1_1109, CFA_SP, 40, isSaved: true),
                Row(0x1_110e, CFA_FP, 16, isSaved: true), Row(0x1_1140, CFA_SP, 8),
                Row(0x1_1150, CFA_NONE),
            ])
    }

    @Test func `begins a byte early where return addresses are a function's start`() throws {
        var lines = GoLineBytes()
        lines.functions = [
            .init(name: "main.main", start: 0x1_1000, deltas: [(1, 0x100)]),
            .init(name: "runtime.sigreturn", start: 0x1_1100, deltas: [(1, 0x10)]),
            .init(name: "main.end", start: 0x1_1120, deltas: [(1, 0x10)]),
        ]
        lines.end = 0x1_1130
        #expect(
            rows(try table(lines)).dropFirst() == [
                Row(0x1_1000, CFA_SP, 8), Row(0x1_10ff, CFA_NONE), Row(0x1_1120, CFA_SP, 8),
                Row(0x1_1130, CFA_NONE),
            ])
    }

    @Test func `takes where the code begins from the caller when the header does not say`() throws {
        var lines = GoLineBytes()
        lines.headerText = 0
        lines.functions = [.init(name: "main.main", start: 0x1_1000, deltas: [(1, 0x1000)])]
        #expect(try table(lines).counters.goFunctions == 0)
        #expect(
            rows(try table(lines, text: ImageAddress(0x1_1000))).dropFirst() == [
                Row(0x1_1000, CFA_SP, 8), Row(0x1_2000, CFA_NONE),
            ])
    }

    @Test func `leaves to .eh_frame what it covers`() throws {
        var lines = GoLineBytes()
        lines.functions = [
            .init(name: "main.main", start: 0x1_1000, deltas: framed),
            .init(name: "main.leaf", start: 0x1_1100, deltas: [(1, 0x20)]),
        ]
        lines.end = 0x1_1120
        var frames = CallFrameBytes()
        frames.common()
        frames.description(start: 0x1_1000, length: 0x1_1050 - 0x1_1000, [0x0e, 80])
        #expect(
            rows(try table(lines, ehFrame: frames)).dropFirst() == [
                Row(0x1_1000, CFA_SP, 80), Row(0x1_1050, CFA_NONE), Row(0x1_1100, CFA_SP, 8),
                Row(0x1_1120, CFA_NONE),
            ])
    }

    @Test(
        arguments: [
            [(0, 4)], [(1, 0)], [(-1, 4)], [(2, 4), (1 << 30, 4)],
        ] as [[(change: Int32, length: UInt64)]])
    func `leaves uncovered what malformed deltas say`(
        deltas: [(change: Int32, length: UInt64)]
    ) throws {
        var lines = GoLineBytes()
        lines.functions = [.init(name: "main.main", start: 0x1_1000, deltas: deltas)]
        #expect(rows(try table(lines)).last?.kind.rawValue ?? 0 == CFA_NONE.rawValue)
    }

    @Test func `every truncation is survived`() throws {
        var lines = GoLineBytes()
        lines.functions = [
            .init(name: "main.main", start: 0x1_1000, deltas: framed),
            .init(name: "runtime.goexit", start: 0x1_1100, deltas: [(1, 0x20)]),
        ]
        let bytes = lines.bytes
        for count in 0..<bytes.count {
            let part = Array(bytes[..<count])
            let table = try UnwindTable.build(
                from: UnwindSections(
                    code: [ImageAddress(0x1_1000)..<ImageAddress(0x1_3000)],
                    goLines: part.span.bytes))
            #expect(table.counters.goFunctions <= 2)
        }
    }

    @Test(arguments: [0, 4, 6, 7]) func `rejects other headers`(offset: Int) throws {
        var bytes = GoLineBytes().bytes
        bytes[offset] ^= 0x44
        let isRead = GoLineTable(bytes.span.bytes, text: nil) != nil
        #expect(!isRead)
    }

    /// The Go compiler is a Go program.
    @Test(.enabled(if: access("/usr/lib/go-1.19/bin/go", R_OK) == 0))
    func `covers a whole Go program`() throws {
        let table = try #require(ImageFile("/usr/lib/go-1.19/bin/go")).table()
        #expect(table.counters.goFunctions > 10_000)
        #expect(table.counters.malformed == 0)
        #expect(table.counters.unsupportedRows == 0)
    }
}
