import Testing

@testable import Unwinding

@Suite struct CallFrameIndexTests {
    private func index(_ section: CallFrameBytes) -> CallFrameIndex {
        index(section.bytes, section.isEHFrame ? .ehFrame : .debugFrame)
    }

    private func index(
        _ bytes: [UInt8], _ kind: CallFrameSection.Kind = .ehFrame, dataAddress: UInt64? = nil
    ) -> CallFrameIndex {
        CallFrameIndex(
            CallFrameSection(
                kind, bytes: bytes.span.bytes, address: CallFrameBytes.address,
                dataAddress: dataAddress))
    }

    private func ranges(_ index: CallFrameIndex) -> [[UInt64]] {
        index.descriptions.map { [$0.start, $0.end] }
    }

    @Test func `reads descriptions, sorts them, and passes over terminators`() {
        var section = CallFrameBytes()
        let common = section.common()
        section.description(of: common, start: 0x2000, length: 0x20)
        section.terminator()
        section.description(of: common, start: 0x1000, length: 0x10)
        section.description(of: common, start: 0x3000, length: 0)
        section.terminator()
        let index = index(section)
        #expect(ranges(index) == [[0x1000, 0x1010], [0x2000, 0x2020]])
        #expect(index.malformed == 0)
    }

    @Test(arguments: [1, 3, 4] as [UInt8], [false, true])
    func `reads each version of either section`(version: UInt8, isEHFrame: Bool) {
        for isWide in [false, true] {
            var section = CallFrameBytes()
            section.isEHFrame = isEHFrame
            section.augmentation = isEHFrame ? "zR" : ""
            section.version = version
            section.isWide = isWide
            let common = section.common()
            section.description(of: common, start: 0x1000, length: 0x10)
            #expect(ranges(index(section)) == [[0x1000, 0x1010]])
        }
    }

    @Test(arguments: [0x00, 0x01, 0x02, 0x03, 0x04, 0x0a, 0x0b, 0x0c, 0x1b, 0x1c, 0x10] as [UInt8])
    func `reads each encoding of addresses`(encoding: UInt8) {
        var section = CallFrameBytes()
        section.encoding = encoding
        section.common()
        section.description(start: 0x1000, length: 0x10)
        #expect(ranges(index(section)) == [[0x1000, 0x1010]])
    }

    @Test func `reads data-relative addresses only with a base`() {
        var section = CallFrameBytes()
        section.encoding = 0x33
        section.common()
        section.description(start: 0x1000, length: 0x10)
        #expect(
            ranges(index(section.bytes, dataAddress: 0x70_0000)) == [[0x70_1000, 0x70_1010]])
        #expect(index(section).malformed == 1)
    }

    @Test(
        arguments: [
            ("zR", []), ("zPLR", [0x9b, 1, 2, 3, 4, 0x1b]), ("zPR", [0x03, 1, 2, 3, 4]),
            ("zPR", [0x00, 1, 2, 3, 4, 5, 6, 7, 8]), ("zPR", [0xff]), ("zBR", []), ("zSR", []),
            ("zLR", [0x1b]),
        ] as [(String, [UInt8])])
    func `passes over personality and language data`(augmentation: String, data: [UInt8]) {
        var section = CallFrameBytes()
        section.augmentation = augmentation
        section.augmentationData = data
        section.common()
        section.description(start: 0x1000, length: 0x10)
        let index = index(section)
        #expect(ranges(index) == [[0x1000, 0x1010]])
        #expect(index.commons.first?.isSignalFrame == augmentation.contains("S"))
    }

    struct Malformation: Sendable, CustomTestStringConvertible {
        var name: String
        var change: @Sendable (inout CallFrameBytes) -> Void

        var testDescription: String { name }

        static let all = [
            Malformation(name: "version") { $0.version = 2 },
            Malformation(name: "augmentation") { $0.augmentation = "eh" },
            Malformation(name: "unknown letter") { $0.augmentation = "zRx" },
            Malformation(name: "too many letters") { $0.augmentation = "zBBBBBBBBBBR" },
            Malformation(name: "format of addresses") { $0.encoding = 0x0f },
            Malformation(name: "base of addresses") { $0.encoding = 0x2b },
            Malformation(name: "indirect addresses") { $0.encoding = 0x9b },
            Malformation(name: "no addresses") { $0.encoding = 0xff },
        ]
    }

    /// The common information is wrong in one way; before and after it stands what is right.
    @Test(arguments: Malformation.all)
    func `a malformed entry costs itself and what refers to it`(malformation: Malformation) {
        var section = CallFrameBytes()
        let good = section.common()
        section.description(of: good, start: 0x1000, length: 0x10)
        let usual = section
        malformation.change(&section)
        let bad = section.common()
        section.description(of: bad, start: 0x2000, length: 0x10)
        (section.version, section.augmentation, section.encoding) =
            (usual.version, usual.augmentation, usual.encoding)
        section.description(of: good, start: 0x3000, length: 0x10)
        let index = index(section)
        #expect(ranges(index) == [[0x1000, 0x1010], [0x3000, 0x3010]])
        #expect(index.malformed > 0)
    }

    @Test func `rejects another return column`() {
        var section = CallFrameBytes()
        section.common(column: 8)
        section.description(start: 0x1000, length: 0x10)
        #expect(ranges(index(section)) == [])
        #expect(index(section).malformed == 2)
    }

    @Test func `rejects a reference that is no common information`() {
        var section = CallFrameBytes()
        section.common()
        let description = section.description(start: 0x1000, length: 0x10)
        section.description(of: description, start: 0x2000, length: 0x10)
        section.description(of: 3, start: 0x3000, length: 0x10)
        #expect(ranges(index(section)) == [[0x1000, 0x1010]])
        #expect(index(section).malformed == 2)
    }

    @Test func `rejects a range that passes the end of addresses`() {
        var section = CallFrameBytes()
        section.encoding = 0
        section.common()
        section.description(start: .max - 4, length: 5)
        #expect(index(section).malformed == 1)
    }

    @Test(
        arguments: [
            [0xff, 0xff, 0xff, 0x7f], [0xf0, 0xff, 0xff, 0xff], [0xfe, 0xff, 0xff, 0xff], [1, 0],
            [0xff, 0xff, 0xff, 0xff, 1],
            [0xff, 0xff, 0xff, 0xff] + [UInt8](repeating: 0xff, count: 8),
        ] as [[UInt8]])
    func `a broken length ends the reading`(length: [UInt8]) {
        var section = CallFrameBytes()
        section.common()
        section.description(start: 0x1000, length: 0x10)
        section.raw(length)
        let index = index(section)
        #expect(ranges(index) == [[0x1000, 0x1010]])
        #expect(index.malformed == 1)
    }

    @Test func `an entry too short for its id costs itself`() {
        var section = CallFrameBytes()
        section.raw([2, 0, 0, 0, 9, 9])
        let common = section.common()
        section.description(of: common, start: 0x1000, length: 0x10)
        #expect(ranges(index(section)) == [[0x1000, 0x1010]])
        #expect(index(section).malformed == 1)
    }

    @Test func `every truncation leaves what stands before it`() {
        var section = CallFrameBytes()
        section.augmentation = "zPLR"
        section.augmentationData = [0x9b, 1, 2, 3, 4, 0x1b]
        section.common()
        section.description(start: 0x1000, length: 0x10, [0x44, 0x0e, 16])
        let end = section.bytes.count
        section.description(start: 0x2000, length: 0x10)
        for count in 0..<section.bytes.count {
            let index = index(Array(section.bytes[..<count]))
            #expect(index.count == (count >= end ? 1 : 0))
        }
    }

    @Test func `every shortened entry is malformed, and the next one is read`() {
        var whole = CallFrameBytes()
        whole.isEHFrame = false
        whole.augmentation = ""
        let common = whole.common([])
        let start = whole.bytes.count
        whole.description(of: common, start: 0x1000, length: 0x10)
        for length in 0..<(whole.bytes.count - start - 4) {
            var section = CallFrameBytes()
            section.isEHFrame = false
            section.augmentation = ""
            section.common([])
            section.raw(little(UInt64(length), 4) + whole.bytes[(start + 4)...].prefix(length))
            section.description(of: common, start: 0x2000, length: 0x10)
            let index = index(section)
            #expect(ranges(index) == [[0x2000, 0x2010]])
            #expect(index.malformed == (length == 0 ? 0 : 1))
        }
    }

    @Test func `the description that starts last decides`() {
        var section = CallFrameBytes()
        section.common()
        section.description(start: 0x1000, length: 0x100)
        section.description(start: 0x1040, length: 0x10)
        section.description(start: 0x1040, length: 0x20)
        let index = index(section)
        #expect(index.description(at: 0xfff)?.start == nil)
        #expect(index.description(at: 0x103f)?.start == 0x1000)
        #expect(index.description(at: 0x1040)?.end == 0x1050)
        #expect(index.description(at: 0x1050)?.start == nil)
    }
}
