import ProfileModel
import Testing

@testable import Symbolication

@Suite struct JITDumpTests {
    private func dump(_ bytes: [UInt8], pieces: [Int] = []) -> JITDump {
        var dump = JITDump()
        var start = 0
        for end in pieces + [bytes.count] {
            dump.append(Array(bytes[start..<end]).span.bytes)
            start = end
        }
        return dump
    }

    private func text(_ dump: JITDump, _ address: UInt64) -> String? {
        dump.line(at: ProcessAddress(address)).map {
            "\($0.function.name) \($0.function.file):\($0.number)"
        }
    }

    /// Every kind of record.
    private var example: [UInt8] {
        var bytes = DumpBytes(size: 48)
        bytes.rows(
            0x1000, [.init(0x1000, 7, "a.c"), .init(0x1004, 8), .init(0x1008, 30, "b.h")])
        bytes.load(0x1000, 0x10, "first", index: 1, time: 5)
        bytes.record(4, [UInt8](repeating: 1, count: 24))
        bytes.load(0x2000, 0x10, "second", index: 2, time: 6)
        bytes.move(0x2000, to: 0x3000, 0x10, index: 2)
        bytes.record(99, [1, 2, 3])
        bytes.load(0x1008, 0x10, "third", index: 3, time: 7, code: 0)
        bytes.record(3, [], time: 9)
        return bytes.bytes
    }

    private func check(_ dump: JITDump, _ comment: Comment) {
        for (address, expected) in [
            (0xfff, nil), (0x1000, "first a.c:7"), (0x1007, "first a.c:8"), (0x1008, "third :0"),
            (0x1018, nil), (0x2000, "second :0"), (0x300f, "second :0"), (0x3010, nil),
        ] as [(UInt64, String?)] {
            #expect(text(dump, address) == expected, comment)
        }
        #expect(dump.isClosed && dump.problem == nil && dump.badRecords == 0, comment)
        #expect(dump.time(at: ProcessAddress(0x3000)) == 6, comment)
        #expect(dump.latest == 9, comment)
    }

    @Test func `reads names, lines and moves`() {
        let dump = dump(example)
        check(dump, "")
        #expect(dump.header?.process == 77)
        #expect(dump.header?.time == 1000)
        #expect(dump.header?.hasProcessorTime == false)
        #expect(self.dump(DumpBytes(flags: 1).bytes).header?.hasProcessorTime == true)
    }

    @Test func `reads on wherever the file was torn`() {
        let bytes = example
        for end in 0...bytes.count { check(dump(bytes, pieces: [end]), "at \(end)") }
        check(dump(bytes, pieces: Array(1..<bytes.count)), "byte by byte")
    }

    @Test func `survives a file that ends anywhere, and has what was whole`() {
        var bytes = DumpBytes()
        bytes.load(0x1000, 0x10, "first")
        let whole = bytes.bytes.count
        bytes.load(0x1000, 0x10, "second", code: 0)
        for count in 0..<bytes.bytes.count {
            let dump = dump(Array(bytes.bytes.prefix(count)))
            #expect(text(dump, 0x1000) == (count >= whole ? "first :0" : nil), "\(count)")
            #expect(dump.problem == nil)
        }
    }

    @Test func `the code itself is not read`() {
        var bytes = DumpBytes()
        bytes.load(0x1000, 0x40_0000, "large", code: 0x40_0000)
        bytes.load(0x80_0000, 0x10, "next")
        let dump = dump(bytes.bytes, pieces: Array(stride(from: 70_000, to: 0x40_0000, by: 70_000)))
        #expect(text(dump, 0x1000) == "large :0")
        #expect(text(dump, 0x80_0000) == "next :0")
    }

    @Test(arguments: [
        DumpBytes(magic: 0x4454_694a), DumpBytes(magic: 0), DumpBytes(version: 2),
        DumpBytes(version: 0), DumpBytes(size: 39),
    ])
    func `refuses a header of another kind`(_ header: DumpBytes) {
        var bytes = header
        bytes.load(0x1000, 0x10, "first")
        let dump = dump(bytes.bytes)
        #expect(dump.problem == .header)
        #expect(text(dump, 0x1000) == nil)
    }

    @Test(arguments: [0, 1, 15] as [UInt32])
    func `a record shorter than its header ends the reading`(_ size: UInt32) {
        var bytes = DumpBytes()
        bytes.load(0x1000, 0x10, "first")
        bytes.record(0, [], size: size)
        bytes.load(0x2000, 0x10, "second")
        var dump = dump(bytes.bytes)
        #expect(dump.problem == .record)
        #expect(text(dump, 0x1000) == "first :0")
        dump.append(example.span.bytes)
        #expect(text(dump, 0x2000) == nil)
    }

    @Test func `records that make no sense are counted, and the rest is read`() {
        var bytes = DumpBytes()
        for length in 0..<41 { bytes.record(0, [UInt8](repeating: 0x41, count: length)) }
        for length in 0..<48 { bytes.record(1, [UInt8](repeating: 0x41, count: length)) }
        for length in 0..<16 { bytes.record(2, [UInt8](repeating: 0x41, count: length)) }
        bytes.load(.max, 2, "beyond the end")
        bytes.load(0x1000, .max, "too large")
        bytes.load(0x1000, 0x10, "")
        bytes.move(0, to: 0x1000, 0x10, index: 4711)
        bytes.rows(0x1000, [.init(0x1000, 1, "a.c")], count: .max)
        let bad = UInt64(41 + 48 + 16 + 5)
        bytes.load(0x2000, 0, "empty")
        bytes.load(0x3000, 0x10, "good")
        let dump = dump(bytes.bytes)
        #expect(dump.badRecords == bad)
        #expect(text(dump, 0x3000) == "good :0")
        #expect(text(dump, 0x1000) == nil && text(dump, 0x2000) == nil)
        #expect(dump.count == 1 && dump.problem == nil)
    }

    @Test func `the end of the largest record is waited for without memory`() {
        var bytes = DumpBytes()
        bytes.record(7, [], size: .max)
        bytes.load(0x1000, 0x10, "inside")
        let dump = dump(bytes.bytes)
        #expect(dump.count == 0 && dump.problem == nil)
    }

    @Test func `rows that are not of the code, or not of one file, do not count`() {
        var bytes = DumpBytes()
        bytes.rows(
            0x1000,
            [
                .init(0xfff, 1, "a.c"), .init(0x1008, 3, "a.c"), .init(0x1004, 2, "a.c"),
                .init(0x1010, 4, "a.c"),
            ])
        bytes.load(0x1000, 0x10, "first")
        bytes.rows(0x2000, [.init(0x2000, 1), .init(0x2004, 2, "a.c")])
        bytes.load(0x2000, 0x10, "second")
        bytes.rows(0x3000, [.init(0x3000, 1, "a.c"), .init(0x3004, 2, "a\u{1}")])
        bytes.load(0x3000, 0x10, "third")
        let dump = dump(bytes.bytes)
        for (address, expected) in [
            (0x1000, "first :0"), (0x1004, "first a.c:2"), (0x100f, "first a.c:3"),
            (0x2008, "second :0"), (0x3008, "third a.c:1"),
        ] as [(UInt64, String)] {
            #expect(text(dump, address) == expected)
        }
        #expect(dump.badRecords == 2)
    }

    @Test func `V8 counts rows from 64 bytes before the code`() {
        var bytes = DumpBytes()
        bytes.rows(
            0x1000,
            [.init(0x1040, 10, "/a.js"), .init(0x1048, 11, "/a.js"), .init(0x104c, 5, "/b.js")])
        bytes.load(0x1000, 0x10, "JS:*f /a.js:9:1")
        let dump = dump(bytes.bytes)
        #expect(text(dump, 0x1000) == "f /a.js:10")
        #expect(text(dump, 0x1009) == "f /a.js:11")
        #expect(text(dump, 0x100c) == "f /a.js:9", "of something inlined there")
    }

    @Test func `moves of functions that went are not followed`() {
        var dump = JITDump(
            limits: RuntimeCode.Limits(functions: 8, nameBytes: 1 << 20, rows: 8, fileBytes: 512))
        var bytes = DumpBytes()
        for number in UInt64(0)..<18 {
            bytes.load(0x1000 + number * 16, 16, "f\(number)", index: number)
        }
        bytes.move(0x1000, to: 0x8000, 16, index: 0)
        bytes.move(0x1000 + 17 * 16, to: 0x9000, 16, index: 17)
        dump.append(bytes.bytes.span.bytes)
        #expect(text(dump, 0x8000) == nil)
        #expect(text(dump, 0x9000) == "f17 :0")
        #expect(dump.dropped > 0 && dump.count <= 8)
    }
}
