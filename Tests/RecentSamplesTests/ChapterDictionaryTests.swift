import ProfileModel
import ProfileStore
import Testing

@testable import RecentSamples

@Suite struct ChapterDictionaryTests {
    /// A window's table: stacks of functions `prefix0…`, leaf first.
    private func table(_ stacks: [[String]]) -> StackTable {
        var table = StackTable()
        for stack in stacks {
            let ids = stack.map { name in
                table.intern(
                    name.hasPrefix("0x")
                        ? Location(
                            unnamed: ImageAddress(UInt64(name.dropFirst(2), radix: 16) ?? 0),
                            kind: .native, module: "m",
                            buildID: BuildID([1, 2, 3], isContentHash: true))
                        : Location(
                            named: [
                                Line(function: Function(name: name, file: "f.c"), number: 7),
                                Line(function: Function(name: "inlined")),
                            ], kind: .kernel, module: "vmlinux"))
            }
            _ = table.intern(stack: ids)
        }
        return table
    }

    @Test func `a location is written in the part that brings it, and known in all that follow`()
        throws
    {
        let codec = ZstdCodec()
        var dictionary = ChapterDictionary()
        var parts: [RecentPart] = []
        let windows: [[[String]]] = [
            [["a", "main"], ["b", "main"], ["main"], []], [["b", "main"], ["c", "b", "main"]],
            [["0x12", "c", "main"], ["a", "main"]], [],
            [(0..<300).map { "deep\($0)" }, ["deep3"]],
        ]
        for stacks in windows {
            let table = table(stacks)
            // Twice: as two windows of one part.
            let first = dictionary.intern(table)
            let numbers = dictionary.intern(table)
            #expect(first == numbers)
            #expect(dictionary.stackCount == stacks.count)
            let part = RecentPart(
                segments: [], news: dictionary.news, content: .open(OpenPart(), dictionary))
            parts.append(part)
            dictionary.beginPart()
            #expect(dictionary.news.locations.isEmpty)
            #expect(dictionary.news.functions.isEmpty)
            let read = try part.stacks(codec)
            #expect(read.count == stacks.count)
            let chapter = RecentChapter(parts: parts, byteCount: 0)
            for id in table.stacks.indices {
                let stack = read.locations(of: Int(numbers[id]))
                let locations = try chapter.locations(Set(stack), codec)
                #expect(
                    stack.map { locations[$0] }
                        == table.locations(of: StackTable.StackID(id)).map { $0 })
            }
        }
        #expect(parts.map(\.news.locations.count) == [3, 1, 1, 0, 300])
        #expect(parts.map(\.news.functions.count) == [4, 1, 0, 0, 300])
        #expect(parts.map(\.news.images.count) == [1, 0, 1, 0, 0])
        let chapter = RecentChapter(parts: parts, byteCount: 0)
        #expect(throws: StoreError.self) { _ = try chapter.locations([305], codec) }
    }

    @Test func `damaged parts are an error or another answer, never a trap`() throws {
        let codec = ZstdCodec()
        var dictionary = ChapterDictionary()
        var random = SystemRandomNumberGenerator()
        _ = dictionary.intern(
            table((0..<200).map { index in (0...index % 9).map { "f\($0 * index % 17)" } }))
        let kinds = [
            dictionary.packedStacks(codec), dictionary.packedLocations(codec),
            dictionary.packedSymbols(codec),
        ]
        func read(_ bytes: [UInt8]) throws {
            let part = try StackPart(packed: bytes, codec)
            for stack in 0..<part.count { _ = part.locations(of: stack) }
        }
        for bytes in kinds {
            for length in 0..<bytes.count {
                let cut = Array(bytes[..<length])
                #expect(throws: StoreError.self) { try read(cut) }
            }
            for _ in 0..<2000 {
                var other = bytes
                other[Int.random(in: 0..<other.count, using: &random)] = UInt8.random(in: 0...255)
                _ = try? read(other)
                _ = try? LocationRow.unpack(other, codec)
                _ = try? SymbolPart(packed: other, codec)
            }
        }
    }
}
