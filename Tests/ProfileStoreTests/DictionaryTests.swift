import ProfileModel
import Testing

@testable import ProfileStore

/// Dictionaries as segments: what is read back, and what damaged bytes do.
@Suite struct DictionaryTests {
    private var symbols = SymbolContent()
    private var content = DictionaryContent()

    init() {
        var bytes: [UInt8] = []
        let buildID = BuildID([1, 2, 3, 4, 5, 6, 7, 8])
        let locations = [
            Location(
                named: [
                    Line(function: Function(name: "inlined", file: "a.c"), number: 7),
                    Line(function: Function(name: "f()", systemName: "_Z1fv"), number: 300),
                ], kind: .native, module: "web", buildID: buildID),
            Location(named: [Line(function: Function(name: "main"))], kind: .native, module: "web"),
            Location(unnamed: ImageAddress(0xffff_1234), kind: .kernel, module: "vmlinux"),
            Location(cutBy: .noFramePointer),
        ]
        let numbers = locations.map { location in
            PackedLocation.encode(location, symbols: &symbols, into: &bytes)
            return UInt8(content.intern(location: bytes.span))
        }
        for stack in [[1], [1, 0], [1, 0, 2], [3, 1], [3, 1, 0]] {
            let path = stack.map { numbers[$0] }
            _ = content.intern(stack: path.span)
        }
    }

    /// Reads bytes into a dictionary that has nothing yet.
    private func read<Content: SegmentedContent>(
        _ bytes: [UInt8], _ type: Content.Type
    ) throws -> Content {
        var content = Content()
        try content.append(payload: bytes.span.bytes)
        return content
    }

    @Test func `what was written is read back, in segments of any size`() throws {
        let codec = ZstdCodec()
        var (symbols, content) = (symbols, content)
        var (symbolsBack, back) = (SymbolContent(), DictionaryContent())
        for row in symbols.takeSegmentRows(since: .init(), codec: codec) {
            let bytes = try #require(row.bytes)
            try symbolsBack.append(segment: bytes.span.bytes, codec: codec)
        }
        for row in content.takeSegmentRows(since: .init(), codec: codec) {
            let bytes = try #require(row.bytes)
            try back.append(segment: bytes.span.bytes, codec: codec)
        }
        #expect(back.mark == content.mark && symbolsBack.mark == symbols.mark)
        for number in 0..<content.locations.count {
            #expect(
                back.location(number, symbolsBack) == content.location(number, symbols)
                    && back.location(number, symbolsBack) != nil)
        }
        for stack in 0..<content.stacks.count {
            #expect(
                back.locationNumbers(ofStack: stack) == content.locationNumbers(ofStack: stack))
        }
    }

    @Test func `bytes that end anywhere before their end are refused`() throws {
        let (stacks, names) = (content.payload(since: .init()), symbols.payload(since: .init()))
        for length in 0..<stacks.count {
            #expect(throws: (any Error).self, "\(length) bytes") {
                _ = try read(Array(stacks.prefix(length)), DictionaryContent.self)
            }
        }
        for length in 0..<names.count {
            #expect(throws: (any Error).self, "\(length) bytes") {
                _ = try read(Array(names.prefix(length)), SymbolContent.self)
            }
        }
    }

    @Test func `any byte changed to any value traps nothing, here or when it is looked at`() {
        for (payload, isSymbols) in [
            (content.payload(since: .init()), false), (symbols.payload(since: .init()), true),
        ] {
            for place in payload.indices {
                for value in 0...UInt8.max {
                    var bytes = payload
                    bytes[place] = value
                    let names =
                        isSymbols ? try? read(bytes, SymbolContent.self) : symbols
                    let stacks =
                        isSymbols ? content : try? read(bytes, DictionaryContent.self)
                    guard let names, let stacks else { continue }
                    var (numbering, table) = (SymbolNumbering(), StackTable())
                    for number in 0..<stacks.locations.count {
                        _ = stacks.location(number, names)
                        _ = numbering.intern(stacks.locations[number], names, in: &table)
                    }
                    for stack in 0..<stacks.stacks.count {
                        let numbers = stacks.locationNumbers(ofStack: stack)
                        #expect(numbers.allSatisfy { $0 < stacks.locations.count })
                    }
                }
            }
        }
    }
}
