import ByteReading
import Foundation
import Testing

@Suite struct ByteReaderTests {
    private enum Step {
        case seek(UInt64), skip(UInt64), array(UInt64), short, unsigned, signed, string(limit: Int)
    }

    /// Whether the steps can all be taken.
    private func reads(_ bytes: [UInt8], _ steps: Step...) -> Bool {
        var reader = ByteReader(bytes.span.bytes)
        do {
            for step in steps {
                switch step {
                case .seek(let place): try reader.seek(to: place)
                case .skip(let count): try reader.skip(count)
                case .array(let count): _ = try reader.readArray(count)
                case .short: _ = try reader.read(UInt16.self)
                case .unsigned: _ = try reader.readULEB128()
                case .signed: _ = try reader.readSLEB128()
                case .string(let limit): _ = try reader.readCString(limit: limit)
                }
            }
            return true
        } catch {
            return false
        }
    }

    @Test func `reads numbers of every width, and refuses to read past the end`() throws {
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        var reader = ByteReader(bytes.span.bytes)
        let byte: UInt8 = try reader.read()
        let short: UInt16 = try reader.read()
        let word: UInt32 = try reader.read()
        #expect(byte == 1)
        #expect(short == 0x0302)
        #expect(word == 0x0706_0504)
        let remaining = reader.remaining
        #expect(remaining == 1)
        #expect(!reads(bytes, .seek(7), .short))
        #expect(reads(bytes, .seek(6), .short))
    }

    @Test(arguments: [8, 9, UInt64(Int64.max), .max]) func `refuses places and lengths outside`(
        _ length: UInt64
    ) {
        let bytes = [UInt8](repeating: 0, count: 7)
        #expect(!reads(bytes, .seek(length)))
        #expect(!reads(bytes, .skip(1), .skip(length)))
        #expect(!reads(bytes, .array(length)))
        #expect(reads(bytes, .seek(7), .array(0)))
    }

    @Test(
        arguments: [
            ([0x00], 0, 0), ([0x7f], 127, -1), ([0x80, 0x01], 128, 128), ([0x3f], 63, 63),
            ([0x40], 64, -64), ([0xe5, 0x8e, 0x26], 624_485, 624_485), ([0x80, 0x80, 0x00], 0, 0),
            ([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], UInt64.max, nil),
        ] as [([UInt8], UInt64, Int64?)])
    func `reads LEB128 as DWARF defines it`(bytes: [UInt8], unsigned: UInt64, signed: Int64?) throws
    {
        var reader = ByteReader(bytes.span.bytes)
        let value = try reader.readULEB128()
        #expect(value == unsigned)
        let isAtEnd = reader.isAtEnd
        #expect(isAtEnd)
        if let signed {
            var again = ByteReader(bytes.span.bytes)
            let value = try again.readSLEB128()
            #expect(value == signed)
        }
    }

    @Test(
        arguments: [
            [], [0x80], [0xff, 0xff], [UInt8](repeating: 0x80, count: 40),
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
        ] as [[UInt8]])
    func `refuses a varint that does not end, or does not fit`(bytes: [UInt8]) {
        #expect(!reads(bytes, .unsigned))
        if bytes.last != 2 { #expect(!reads(bytes, .signed)) }
    }

    @Test func `reads a string up to its zero, and refuses one without`() throws {
        let bytes = Array("name\0rest".utf8)
        var reader = ByteReader(bytes.span.bytes)
        let name = try reader.readCString(limit: 16)
        #expect(name == "name")
        #expect(!reads(bytes, .seek(5), .string(limit: 16)))
        #expect(!reads(bytes, .string(limit: 3)))
    }

    @Test func `decodes base64 as Foundation encodes it`() {
        for length in 0..<70 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
            let text = Data(bytes).base64EncodedString()
            #expect(Base64.decode(Array(text.utf8)) == bytes)
        }
    }

    @Test func `lends bytes up to a zero, and stays where there is none`() throws {
        let bytes: [UInt8] = [0x61, 0x62, 0, 0, 0x63]
        var reader = ByteReader(bytes.span.bytes)
        #expect([UInt8](copying: try reader.readTerminatedBytes()) == [0x61, 0x62])
        #expect(try reader.readTerminatedBytes().byteCount == 0)
        #expect(reader.offset == 4)
        do {
            _ = try reader.readTerminatedBytes()
            Issue.record("there is no zero")
        } catch {
            #expect(error == ReadError(.unterminatedString, at: 4))
        }
        #expect(reader.offset == 4)
        #expect(bytes.span.bytes.firstIndex(of: 0x63) == 4)
        #expect(bytes.span.bytes.firstIndex(of: 1) == nil)
        #expect(bytes.span.bytes.extracting(first: 0).firstIndex(of: 0) == nil)
    }
}
