import ProfileModel
import Testing

@testable import ProcessTracking

/// `start..<end @ file offset # image`
private func m(_ start: UInt64, _ end: UInt64, _ offset: UInt64, _ image: Int32 = 1) -> Mapping {
    Mapping(
        start: ProcessAddress(start), end: ProcessAddress(end), fileOffset: FileOffset(offset),
        image: image)
}

private func table(_ mappings: [Mapping]) -> MappingTable {
    var table = MappingTable()
    for mapping in mappings { table.insert(mapping) }
    return table
}

@Suite struct MappingTableTests {
    struct Vector: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let inserted: [Mapping]
        let expected: [Mapping]

        init(_ name: String, _ inserted: [Mapping], _ expected: [Mapping]) {
            testDescription = name
            self.inserted = inserted
            self.expected = expected
        }

        static let all: [Vector] = [
            Vector("sorts", [m(30, 40, 0, 3), m(10, 20, 0)], [m(10, 20, 0), m(30, 40, 0, 3)]),
            Vector("the same again", [m(10, 20, 5), m(10, 20, 5)], [m(10, 20, 5)]),
            Vector("a part again", [m(10, 20, 5), m(12, 14, 7)], [m(10, 20, 5)]),
            Vector("replaces", [m(10, 20, 5), m(10, 20, 0, 2)], [m(10, 20, 0, 2)]),
            Vector(
                "covers several", [m(10, 20, 0), m(30, 40, 0), m(5, 50, 0, 2)], [m(5, 50, 0, 2)]),
            Vector(
                "cuts the middle out", [m(10, 40, 100), m(20, 30, 0, 2)],
                [m(10, 20, 100), m(20, 30, 0, 2), m(30, 40, 120)]),
            Vector(
                "cuts an end", [m(10, 40, 100), m(30, 50, 0, 2)],
                [m(10, 30, 100), m(30, 50, 0, 2)]),
            Vector(
                "cuts a start", [m(10, 40, 100), m(5, 20, 0, 2)], [m(5, 20, 0, 2), m(20, 40, 110)]),
            Vector(
                "one image elsewhere in the file", [m(10, 40, 100), m(20, 30, 500)],
                [m(10, 20, 100), m(20, 30, 500), m(30, 40, 120)]),
            Vector("joins to the left", [m(10, 20, 100), m(20, 30, 110)], [m(10, 30, 100)]),
            Vector("joins to the right", [m(20, 30, 110), m(10, 20, 100)], [m(10, 30, 100)]),
            Vector(
                "fills a gap", [m(10, 20, 100), m(30, 40, 120), m(20, 30, 110)], [m(10, 40, 100)]),
            Vector(
                "touching is not belonging", [m(10, 20, 100), m(20, 30, 100)],
                [m(10, 20, 100), m(20, 30, 100)]),
            Vector("an empty range", [m(10, 10, 0), m(20, 10, 0)], []),
            Vector(
                "the end of the address space", [m(.max - 9, .max, 0), m(.max - 5, .max, 0, 2)],
                [m(.max - 9, .max - 5, 0), m(.max - 5, .max, 0, 2)]),
        ]
    }

    @Test(arguments: Vector.all) func inserts(_ vector: Vector) {
        #expect(table(vector.inserted).mappings == vector.expected)
    }

    @Test func `finds an address within its bounds only`() {
        let table = table([m(10, 20, 100), m(20, 30, 0, 2), m(50, 60, 7, 3)])
        let images: [UInt64: Int32?] = [
            0: nil, 9: nil, 10: 1, 19: 1, 20: 2, 29: 2, 30: nil, 49: nil, 50: 3, 59: 3, 60: nil,
            .max: nil,
        ]
        for (address, image) in images {
            #expect(table.mapping(containing: ProcessAddress(address))?.image == image)
        }
        let mapping = table.mapping(containing: ProcessAddress(53))
        #expect(mapping?.fileOffset(of: ProcessAddress(53)) == FileOffset(10))
    }

    @Test func `agrees with a page table over random mappings`() {
        for _ in 0..<200 {
            var table = MappingTable()
            var pages: [UInt64: (Int32, UInt64)] = [:]
            for _ in 0..<60 {
                let start = UInt64.random(in: 0..<60)
                let mapping = m(
                    start, start + .random(in: 1...20), .random(in: 0...3) * 10, .random(in: 0...2))
                table.insert(mapping)
                for page in mapping.start.value..<mapping.end.value {
                    pages[page] = (
                        mapping.image, mapping.fileOffset(of: ProcessAddress(page)).value
                    )
                }
            }
            for page in UInt64(0)..<90 {
                let found = table.mapping(containing: ProcessAddress(page))
                #expect(found?.image == pages[page]?.0)
                #expect(found?.fileOffset(of: ProcessAddress(page)).value == pages[page]?.1)
            }
            let mappings = table.mappings
            #expect(zip(mappings, mappings.dropFirst()).allSatisfy { $0.end <= $1.start })
        }
    }

    @Test func `a copy shares its storage until it changes`() {
        var parent = MappingTable()
        for index in UInt64(0)..<2000 { parent.insert(m(index * 10, index * 10 + 5, 0)) }
        var child = parent
        func storage(_ table: MappingTable) -> Int {
            table.mappings.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) }
        }
        child.insert(m(50, 55, 0))  // Known already: nothing to do.
        #expect(storage(child) == storage(parent))
        child.insert(m(50, 55, 7, 2))
        #expect(storage(child) != storage(parent))
        #expect(parent.mapping(containing: ProcessAddress(50))?.image == 1)
    }
}
