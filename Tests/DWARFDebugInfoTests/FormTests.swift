import Testing

@testable import DWARFDebugInfo

@Suite struct FormTests {
    struct Vector: CustomTestStringConvertible, Sendable {
        let form: UInt16
        let bytes: [UInt8]
        var version: UInt8 = 5
        var isWide = false
        let value: String

        var format: UnitFormat { UnitFormat(version: version, isWide: isWide) }
        var testDescription: String { "form \(String(form, radix: 16)) of version \(version)" }

        init(
            _ form: UInt16, _ bytes: [UInt8], version: UInt8 = 5, isWide: Bool = false,
            _ value: AttributeValue
        ) {
            (self.form, self.bytes, self.version) = (form, bytes, version)
            (self.isWide, self.value) = (isWide, "\(value)")
        }
    }

    /// The unit begins at 0x100, and so the value at 0x200.
    static let vectors: [Vector] = [
        Vector(0x01, [1, 2, 3, 4, 5, 6, 7, 8], .address(0x0807_0605_0403_0201)),
        Vector(0x03, [2, 0, 9, 9], .opaque),
        Vector(0x04, [2, 0, 0, 0, 9, 9], .opaque),
        Vector(0x05, [1, 2], .constant(0x201)),
        Vector(0x06, [1, 2, 3, 4], .constant(0x0403_0201)),
        Vector(0x07, [1, 0, 0, 0, 0, 0, 0, 0x80], .constant(0x8000_0000_0000_0001)),
        Vector(0x08, [0x61, 0x62, 0], .text(at: 0x200)),
        Vector(0x09, [2, 9, 9], .opaque),
        Vector(0x0a, [2, 9, 9], .opaque),
        Vector(0x0b, [0xff], .constant(255)),
        Vector(0x0c, [1], .constant(1)),
        Vector(0x0d, [0x7f], .constant(.max)),
        Vector(0x0e, [4, 3, 2, 1], .string(at: 0x0102_0304)),
        Vector(0x0e, [4, 3, 2, 1, 0, 0, 0, 0], isWide: true, .string(at: 0x0102_0304)),
        Vector(0x0f, [0x80, 1], .constant(128)),
        Vector(0x10, [4, 0, 0, 0], .reference(4)),
        Vector(0x10, [4, 0, 0, 0, 0, 0, 0, 0], version: 2, .reference(4)),
        Vector(0x10, [4, 0, 0, 0], version: 3, .reference(4)),
        Vector(0x11, [0x10], .reference(0x110)),
        Vector(0x12, [0x10, 1], .reference(0x210)),
        Vector(0x13, [0x10, 0, 0, 0], .reference(0x110)),
        Vector(0x14, [0x10, 0, 0, 0, 0, 0, 0, 0], .reference(0x110)),
        Vector(0x15, [0x90, 1], .reference(0x190)),
        Vector(0x16, [0x0b, 7], .constant(7)),
        Vector(0x17, [4, 0, 0, 0], .sectionOffset(4)),
        Vector(0x17, [4, 0, 0, 0, 0, 0, 0, 0], isWide: true, .sectionOffset(4)),
        Vector(0x18, [2, 9, 9], .opaque),
        Vector(0x19, [], .constant(1)),
        Vector(0x1a, [0x81, 1], .stringIndex(129)),
        Vector(0x1b, [0x81, 1], .addressIndex(129, plus: 0)),
        Vector(0x1c, [4, 0, 0, 0], .supplementaryReference(4)),
        Vector(0x1d, [4, 0, 0, 0], .supplementaryString(at: 4)),
        Vector(0x1e, [UInt8](repeating: 1, count: 16), .opaque),
        Vector(0x1f, [4, 0, 0, 0], .lineString(at: 4)),
        Vector(0x20, [1, 2, 3, 4, 5, 6, 7, 8], .opaque),
        Vector(0x21, [], .constant(UInt64(bitPattern: -7))),
        Vector(0x22, [3], .listIndex(3)),
        Vector(0x23, [3], .listIndex(3)),
        Vector(0x24, [4, 0, 0, 0, 0, 0, 0, 0], .supplementaryReference(4)),
        Vector(0x25, [3], .stringIndex(3)),
        Vector(0x26, [3, 1], .stringIndex(0x103)),
        Vector(0x27, [3, 1, 2], .stringIndex(0x2_0103)),
        Vector(0x28, [3, 1, 2, 4], .stringIndex(0x402_0103)),
        Vector(0x29, [3], .addressIndex(3, plus: 0)),
        Vector(0x2a, [3, 1], .addressIndex(0x103, plus: 0)),
        Vector(0x2b, [3, 1, 2], .addressIndex(0x2_0103, plus: 0)),
        Vector(0x2c, [3, 1, 2, 4], .addressIndex(0x402_0103, plus: 0)),
        Vector(0x1f01, [3], version: 4, .addressIndex(3, plus: 0)),
        Vector(0x1f02, [3], version: 4, .stringIndex(3)),
        Vector(0x1f20, [4, 0, 0, 0], version: 4, .supplementaryReference(4)),
        Vector(0x1f21, [4, 0, 0, 0], version: 4, .supplementaryString(at: 4)),
        Vector(0x2001, [3, 8, 0, 0, 0], .addressIndex(3, plus: 8)),
    ]

    private func read(_ vector: Vector, _ bytes: [UInt8]) throws(DWARFError) -> (String, UInt64) {
        var reader = DebugReader(bytes.span.bytes, of: .information, from: 0x200)
        let form = Form(rawValue: vector.form) ?? .unknown
        let value = try reader.readValue(form, implicit: -7, in: vector.format, unit: 0x100)
        return ("\(value)", reader.offset - 0x200)
    }

    @Test(arguments: vectors)
    func `reads a value and nothing behind it`(vector: Vector) throws {
        let (value, count) = try read(vector, vector.bytes + [0x55, 0x55])
        #expect(value == vector.value)
        #expect(count == UInt64(vector.bytes.count))
    }

    @Test(arguments: vectors)
    func `passes over a value`(vector: Vector) throws {
        let bytes = vector.bytes + [0x55, 0x55]
        var reader = DebugReader(bytes.span.bytes, of: .information, from: 0x200)
        let form = Form(rawValue: vector.form) ?? .unknown
        try reader.skipValue(form, in: vector.format)
        let offset = reader.offset
        #expect(offset == 0x200 + UInt64(vector.bytes.count))
        #expect(form.byteCount(in: vector.format) ?? vector.bytes.count == vector.bytes.count)
    }

    @Test(arguments: vectors)
    func `rejects a value that ends early`(vector: Vector) {
        for count in 0..<vector.bytes.count {
            let bytes = Array(vector.bytes.prefix(count))
            #expect(throws: DWARFError.self) { try read(vector, bytes) }
        }
    }

    @Test(
        arguments: [
            (0x02, [1]), (0x16, [0x16, 0x16, 0x0b, 1]), (0x16, [0x21]),
            (0x16, [0xff, 0xff, 0xff, 0xff, 1]), (0xffff, [1]),
        ] as [(UInt16, [UInt8])])
    func `rejects a form that does not exist`(form: UInt16, bytes: [UInt8]) {
        let error = #expect(throws: DWARFError.self) {
            try read(Vector(form, bytes, .opaque), bytes)
        }
        #expect(error?.code == .unknownForm)
    }

    @Test func `rejects integers longer than 64 bits`() {
        let bytes = [UInt8](repeating: 0x80, count: 10) + [1]
        #expect(throws: DWARFError.self) { try read(Vector(0x0f, bytes, .opaque), bytes) }
        #expect(throws: DWARFError.self) { try read(Vector(0x0d, bytes, .opaque), bytes) }
    }
}
