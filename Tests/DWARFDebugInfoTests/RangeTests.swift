import Testing

@testable import DWARFDebugInfo

@Suite struct RangeTests {
    @Test(
        arguments: [
            ([1, 5], .baseIndex(5)), ([2, 1, 0x82, 1], .indexes(1, 130)),
            ([3, 1, 8], .indexAndLength(1, 8)), ([4, 1, 8], .offsets(1, 8)),
            ([5, 1, 0, 0, 0, 0, 0, 0, 0], .base(1)),
            ([6, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0], .addresses(1, 2)),
            ([7, 1, 0, 0, 0, 0, 0, 0, 0, 8], .addressAndLength(1, 8)), ([0], nil),
        ] as [([UInt8], RangeListElement?)])
    func `reads an element of a list`(bytes: [UInt8], element: RangeListElement?) throws {
        var reader = DebugReader(bytes.span.bytes, of: .rangeLists, from: 0)
        #expect(try "\(RangeListElement(reading: &reader) as Any)" == "\(element as Any)")
        let isAtEnd = reader.isAtEnd
        #expect(isAtEnd)
        for count in 0..<bytes.count {
            let cut = Array(bytes.prefix(count))
            var reader = DebugReader(cut.span.bytes, of: .rangeLists, from: 0)
            #expect(throws: DWARFError.self) { _ = try RangeListElement(reading: &reader) }
        }
    }

    @Test func `rejects an element of an unknown kind`() {
        let bytes: [UInt8] = [8, 0, 0]
        var reader = DebugReader(bytes.span.bytes, of: .rangeLists, from: 0)
        #expect(throws: DWARFError.self) { _ = try RangeListElement(reading: &reader) }
    }

    @Test(
        arguments: [
            (1, 2, true), (0, 8, false), (8, 8, false), (9, 8, false), (.max, 8, false),
            (.max - 1, .max, false), (.max - 2, .max, true),
        ] as [(UInt64, UInt64, Bool)])
    func `discarded code is no code`(low: UInt64, high: UInt64, isCode: Bool) {
        #expect((Range(codeFrom: low, to: high) != nil) == isCode)
    }

    @Test func `the narrowest range comes first`() {
        var table = RangeTable()
        table.append(0..<100, number: 0)
        table.append(10..<20, number: 1)
        table.append(15..<18, number: 2)
        table.append(40..<50, number: 3)
        table.sort()
        #expect(table.numbers(at: 16) == [2, 1, 0])
        #expect(table.numbers(at: 19) == [1, 0])
        #expect(table.numbers(at: 60) == [0])
        #expect(table.numbers(at: 100).isEmpty)
    }

    @Test func `neighbours of one number are joined`() {
        var table = RangeTable()
        table.append(20..<30, number: 7)
        table.append(10..<20, number: 7)
        table.append(30..<40, number: 8)
        table.sort()
        #expect(table.count == 2)
        #expect(table.numbers(at: 25) == [7])
    }

    @Test func `what was used longest ago goes first`() {
        var cache = BoundedCache<Int, String>(byteLimit: 3000)
        for key in 0..<3 { cache.insert("\(key)", for: key, byteCount: 700) }
        #expect(cache.value(for: 0) == "0")
        cache.insert("3", for: 3, byteCount: 700)
        #expect(cache.value(for: 1) == nil)
        #expect(cache.value(for: 0) == "0")
        #expect(cache.value(for: 3) == "3")
        cache.insert("large", for: 4, byteCount: 1 << 20)
        #expect(cache.value(for: 4) == "large")
        #expect(cache.value(for: 3) == nil)
        cache.removeAll()
        #expect(cache.byteCount == 0)
    }
}
