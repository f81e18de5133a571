import CSampleABI
import Glibc
import ProfileModel
import Testing

@testable import Unwinding

@Suite struct GoTests {
    private func table(
        _ lines: GoLineBytes, ehFrame: CallFrameBytes = CallFrameBytes(), text: ImageAddress? = nil,
        code: [UInt8]? = nil
    ) throws -> UnwindTable {
        let (bytes, frames) = (lines.bytes, ehFrame.bytes)
        return try UnwindTable.build(
            from: UnwindSections(
                code: [ImageAddress(0x1_1000)..<ImageAddress(0x1_3000)],
                ehFrame: frames.span.bytes, at: ImageAddress(CallFrameBytes.address),
                goLines: bytes.span.bytes, goText: text)
        ) { $0.lowerBound == ImageAddress(0x1_1000) ? code : nil }
    }

    typealias Deltas = [(change: Int32, length: UInt64)]

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

    /// SUBQ $64, SP;  ANDQ $~15, SP;  MOVQ $0, 48(SP);  MOVQ DX, 40(SP);  CALL AX;  MOVQ SI, SP;  RET
    private static let staying: [UInt8] = [
        0x48, 0x83, 0xec, 0x40, 0x48, 0x83, 0xe4, 0xf0, 0x48, 0xc7, 0x44, 0x24, 0x30, 0, 0, 0, 0,
        0x48, 0x89, 0x54, 0x24, 0x28, 0xff, 0xd0, 0x48, 0x89, 0xf4, 0xc3,
    ]
    /// The same with 8(SP) and (SP), as newer versions have it.
    private static let stayingLower: [UInt8] = [
        0x48, 0x83, 0xec, 0x10, 0x48, 0x83, 0xe4, 0xf0, 0x48, 0xc7, 0x44, 0x24, 0x08, 0, 0, 0, 0,
        0x48, 0x89, 0x14, 0x24, 0xff, 0xd0, 0x48, 0x89, 0xf4, 0xc3,
    ]

    private func callToC(_ version: GoLineBytes.Version = .go18) -> GoLineBytes {
        var lines = GoLineBytes(version: version)
        lines.functions = [
            .init(name: "runtime.asmcgocall.abi0", start: 0x1_1000, deltas: [(1, 0x100)]),
            .init(name: "runtime.cgocall", start: 0x1_1100, deltas: [(1, 4), (0x30, 0xfc)]),
            .init(name: "runtime.asmcgocall", start: 0x1_1200, deltas: framed),
            .init(name: "runtime.cgocall.abi0", start: 0x1_1300, deltas: [(1, 4), (0x20, 0xfc)]),
        ]
        lines.end = 0x1_1400
        return lines
    }

    @Test(arguments: GoLineBytes.Version.allCases)
    func `leaves asmcgocall by cgocall's frame, or by the slot where it stays on its stack`(
        version: GoLineBytes.Version
    ) throws {
        let code = [UInt8](repeating: 0x48, count: 16) + Self.staying
        let table = try table(callToC(version), code: code)
        #expect(
            rows(table).dropFirst().prefix(5) == [
                Row(0x1_1000, CFA_FP, 8 - 0x30), Row(0x1_1010, CFA_FP, 16, isSaved: true),
                Row(0x1_1026, CFA_SP_DEREF, 40), Row(0x1_102b, CFA_SP, 8),
                Row(0x1_1104, CFA_SP, 56),
            ])
        // cgocall's stack pointer is 0x7000: its CFA is 0x7038, and its own frame pointer 0x7028.
        var callee = RegisterFile()
        (callee.stackPointer, callee.framePointer) = (0x9000, 0x7028)
        let memory: [UInt64: UInt64] = [0x6ff8: 0x1_1150, 0x9028: 0x6ff8]
        for offset in [0, 0x26] as [UInt16] {
            let row = try #require(
                table.rows[table.pages[0]].last { UInt16($0 & 0xffff) <= 0x1000 + offset })
            let rule = table.rules[Int(row >> 16)]
            let caller = try #require(RuleWalker.caller(of: callee, rule) { memory[$0] }).registers
            #expect(caller.instructionPointer == 0x1_1150)
            #expect(caller.stackPointer == 0x7000)
            #expect(caller.framePointer == 0x7028)
        }
    }

    @Test func `knows where newer versions keep the stack pointer`() throws {
        #expect(
            rows(try table(callToC(.go20), code: [0x90] + Self.stayingLower)).dropFirst(3).prefix(2)
                == [
                    Row(0x1_1016, CFA_SP_DEREF, 0), Row(0x1_101b, CFA_SP, 8),
                ])
    }

    @Test(arguments: [nil, [], [0x48], staying.dropLast(7), staying.map { $0 | 1 }] as [[UInt8]?])
    func `leaves asmcgocall for cgocall's caller when its code is unknown`(code: [UInt8]?) throws {
        #expect(
            rows(try table(callToC(), code: code)).dropFirst().prefix(2) == [
                Row(0x1_1000, CFA_FP, 16, isSaved: true), Row(0x1_1100, CFA_SP, 8),
            ])
    }

    @Test(arguments: [[(1, 0x100)], [(1, 4), (-1, 0xfc)], []] as [Deltas])
    func `leaves asmcgocall for cgocall's caller when cgocall has no frame`(deltas: Deltas) throws {
        var lines = callToC()
        lines.functions[1].deltas = deltas
        #expect(
            rows(try table(lines, code: Self.staying)).dropFirst().first
                == Row(0x1_1000, CFA_FP, 16, isSaved: true))
    }

    @Test func `every truncation of asmcgocall's code is survived`() throws {
        for count in 0..<Self.staying.count {
            let table = try table(callToC(), code: Array(Self.staying[..<count]))
            #expect(table.counters.goFunctions == 4)
        }
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

    @Test func `begins no byte early at address 0`() throws {
        var lines = GoLineBytes(version: .go16)
        lines.functions = [
            .init(name: "runtime.sigreturn", start: 0, deltas: [(1, 0x10)]),
            .init(name: "main.main", start: 0x1_1000, deltas: [(1, 0x100)]),
        ]
        lines.end = 0x1_1100
        #expect(
            rows(try table(lines)).dropFirst() == [
                Row(0x1_1000, CFA_SP, 8), Row(0x1_1100, CFA_NONE),
            ])
    }

    /// 100,000 functions of one name that share 100,000 deltas: to read those of each would take
    /// minutes.
    @Test(.timeLimit(.minutes(1)))
    func `reads shared deltas a few times only`() throws {
        let count = 100_000
        let name = Array("runtime.asmcgocall\0".utf8)
        var deltas: [UInt8] = [2, 1]
        for _ in 0..<count / 2 { deltas += [2, 1, 1, 1] }
        deltas.append(0)
        let details = 64 + name.count + deltas.count
        let table = count * 16 + 8
        var bytes = little(0xffff_fffa, 4) + [0, 0, 1, 8] + little(UInt64(count), 8)
        bytes += little(0, 8) + little(64, 8) + little(0, 16)
        bytes += little(UInt64(64 + name.count - 1), 8) + little(UInt64(details), 8)
        bytes += name + deltas
        for index in 0..<count {
            bytes += little(0x1_1000 + UInt64(index) << 24, 8) + little(UInt64(table), 8)
        }
        bytes += little(.max, 8) + little(0x1_1000, 8) + little(0, 4) + little(0, 8) + little(1, 4)
        let sections = UnwindSections(
            code: [ImageAddress(0x1_1000)..<ImageAddress(0x1_3000)], goLines: bytes.span.bytes)
        let built = try UnwindTable.build(from: sections)
        #expect(built.counters.goFunctions == 1)
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
