import ByteReading
import ProfileModel
import Testing

@testable import ProcessTracking

struct EventVector: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
    let event: ProcessEvent?

    init(
        _ name: String, type: UInt32, flags: UInt16 = 0, event: ProcessEvent?,
        _ body: (inout RecordBytes) -> Void
    ) {
        testDescription = name
        self.event = event
        bytes =
            RecordBytes(type: type, flags: flags) {
                body(&$0)
                $0.appendTrailer(tgid: 100, tid: 101, time: 5000, cpu: 3)
            }.bytes
    }

    static func mapping(_ body: inout RecordBytes, identity: (inout RecordBytes) -> Void) {
        body.append(UInt32(100))
        body.append(UInt32(101))
        body.append(UInt64(0x7f00_0000_1000))
        body.append(UInt64(0x2000))
        body.append(UInt64(0x3000))
        identity(&body)
        body.append(UInt32(5))  // PROT_READ | PROT_EXEC
        body.append(UInt32(2))  // MAP_PRIVATE
        body.append("/usr/lib/libx.so")
    }

    static func task(_ body: inout RecordBytes, parent: UInt32) {
        body.append(UInt32(100))
        body.append(parent)
        body.append(UInt32(101))
        body.append(parent)
        body.append(UInt64(4999))
    }

    static func event(_ kind: ProcessEvent.Kind) -> ProcessEvent {
        ProcessEvent(time: 5000, cpu: 3, tgid: 100, tid: 101, kind: kind)
    }

    static func mapped(_ image: MappedImage) -> ProcessEvent? {
        ReportedMapping(
            start: ProcessAddress(0x7f00_0000_1000), end: ProcessAddress(0x7f00_0000_3000),
            fileOffset: FileOffset(0x3000), image: image
        ).map { event(.mapped($0)) }
    }

    static let all: [EventVector] = [
        EventVector(
            "MMAP2 with device and inode", type: 10,
            event: mapped(
                MappedImage(
                    path: "/usr/lib/libx.so", file: FileIdentity(device: 0xfe01, inode: 77)))
        ) {
            mapping(&$0) {
                $0.append(UInt32(0xfe))
                $0.append(UInt32(1))
                $0.append(UInt64(77))
                $0.append(UInt64(9))
            }
        },
        EventVector(
            "MMAP2 with somebody else's build ID flag", type: 10, flags: 1 << 14 | 2,
            event: mapped(
                MappedImage(
                    path: "/usr/lib/libx.so", file: FileIdentity(device: 0xfe01, inode: 77)))
        ) {
            mapping(&$0) {
                $0.append(UInt32(0xfe))
                $0.append(UInt32(1))
                $0.append(UInt64(77))
                $0.append(UInt64(9))
            }
        },
        EventVector(
            "MMAP2 without a file", type: 10,
            event: mapped(MappedImage(path: "/usr/lib/libx.so"))
        ) {
            mapping(&$0) { for _ in 0..<24 { $0.append(UInt8(0)) } }
        },
        EventVector(
            "COMM", type: 3, event: event(.named(CommandName("worker 1"), byExec: false))
        ) {
            $0.append(UInt32(100))
            $0.append(UInt32(101))
            $0.append("worker 1")
        },
        EventVector(
            "COMM by exec", type: 3, flags: 1 << 13,
            event: event(.named(CommandName("a-name-15-bytes"), byExec: true))
        ) {
            $0.append(UInt32(100))
            $0.append(UInt32(101))
            $0.append("a-name-15-bytes")
        },
        EventVector("FORK", type: 7, event: event(.forked(parent: 42))) { task(&$0, parent: 42) },
        EventVector("EXIT", type: 4, event: event(.exited)) { task(&$0, parent: 42) },
        EventVector(
            "LOST", type: 2,
            event: ProcessEvent(time: 5000, cpu: 3, tgid: 0, tid: 0, kind: .lost(12))
        ) {
            $0.append(UInt64(1))
            $0.append(UInt64(12))
        },
        EventVector("a type that says nothing of processes", type: 5, event: nil) { _ in },
    ]
}

@Suite struct ProcessEventDecodingTests {
    @Test(arguments: EventVector.all)
    func `decodes a record`(_ vector: EventVector) throws {
        #expect(try ProcessEvent.decode(vector.bytes.span.bytes) == vector.event)
    }

    @Test(arguments: EventVector.all.filter { $0.event != nil })
    func `a record that is cut short is rejected, or never taken for the whole`(
        _ vector: EventVector
    ) {
        for count in 0..<vector.bytes.count {
            let cut = Array(vector.bytes.prefix(count))
            #expect((try? ProcessEvent.decode(cut.span.bytes)) != vector.event)
        }
        #expect(throws: ReadError.self) {
            try ProcessEvent.decode(Array(vector.bytes.prefix(31)).span.bytes)
        }
    }

    @Test func `rejects ranges that wrap around or are empty`() {
        for (start, length) in [(UInt64.max, UInt64(1)), (UInt64.max - 1, 4), (4096, 0)] {
            let record = RecordBytes(type: 10) {
                $0.append(UInt64(0))
                $0.append(start)
                $0.append(length)
                for _ in 0..<5 { $0.append(UInt64(0)) }
                $0.append("x")
                $0.appendTrailer(tgid: 1, tid: 1, time: 1, cpu: 0)
            }
            #expect(throws: ReadError.self) { try ProcessEvent.decode(record.bytes.span.bytes) }
        }
    }

    @Test func `rejects a path that never ends`() {
        let record = RecordBytes(type: 10) { body in
            EventVector.mapping(&body) { for _ in 0..<3 { $0.append(UInt64(0)) } }
            body.appendTrailer(tgid: 1, tid: 1, time: 1, cpu: 0)
        }
        var bytes = record.bytes
        for index in 72..<(bytes.count - 24) { bytes[index] = 0x61 }
        #expect(throws: ReadError.self) { try ProcessEvent.decode(bytes.span.bytes) }
    }

    @Test func `never traps on noise`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0...160)).map { _ in UInt8.random(in: 0...255) }
            if let type = [UInt8(2), 3, 4, 7, 10].randomElement(using: &generator), bytes.count > 4
            {
                bytes.replaceSubrange(0..<4, with: [type, 0, 0, 0])
            }
            _ = try? ProcessEvent.decode(bytes.span.bytes)
        }
    }
}
