import Foundation
import ProfileModel
import Testing

@testable import FlameGraph

/// Trees and graphs for other programs, and profiles cut for them.
@Suite struct ExchangeFormatTests {
    /// Reads Pyroscope's tree: the parent read last gets its children first.
    private func read(_ bytes: [UInt8]) -> [[String]: Int64]? {
        var sums: [[String]: Int64] = [:]
        var open: [[String]] = [[]]
        var rest = bytes[...]
        func number() -> UInt64? {
            var value: UInt64 = 0
            var shift: UInt64 = 0
            while let byte = rest.popFirst() {
                value |= UInt64(byte & 0x7f) << shift
                if byte < 0x80 { return value }
                shift += 7
            }
            return nil
        }
        while let parent = open.popLast() {
            guard let length = number(), rest.count >= length else { return nil }
            let name = String(decoding: rest.prefix(Int(length)), as: UTF8.self)
            rest = rest.dropFirst(Int(length))
            guard let own = number(), let children = number() else { return nil }
            // The outermost node is there for its children alone, and has no name.
            let path = parent.isEmpty && name.isEmpty ? [""] : parent + [name]
            if own > 0 { sums[Array(path.dropFirst()), default: 0] += Int64(own) }
            for _ in 0..<children { open.append(path) }
        }
        return rest.isEmpty ? sums : nil
    }

    @Test func `Pyroscope's tree holds every stack`() {
        #expect(CallTree(profile("")).pyroscopeTree.isEmpty)
        for seed in 1...200 as ClosedRange<UInt64> {
            let random = RandomProfile(seed: seed)
            var expected: [[String]: Int64] = [:]
            for (path, value) in random.paths { expected[path.map(\.text), default: 0] += value }
            let bytes = CallTree(random.profile).pyroscopeTree
            #expect(bytes.isEmpty == expected.isEmpty)
            if !bytes.isEmpty { #expect(read(bytes) == expected, "seed \(seed)") }
        }
    }

    @Test func `Pyroscope's tree begins with the last sibling`() {
        let tree = CallTree(profile("a;b 1\na;c 300\nd 2"))
        #expect(
            tree.pyroscopeTree == [
                0, 0, 2, 1, UInt8(ascii: "d"), 2, 0, 1, UInt8(ascii: "a"), 0, 2,
                1, UInt8(ascii: "c"), 0xac, 0x02, 0, 1, UInt8(ascii: "b"), 1, 0,
            ])
    }

    @Test func `a cut profile has the tree a cut tree has`() {
        for seed in 1...200 as ClosedRange<UInt64> {
            let whole = RandomProfile(seed: seed).profile
            let limit = Int(seed % 19)
            let cut = whole.truncated(to: limit)
            #expect(cut.total == whole.total)
            let (one, other) = (
                Flamebearer(cut), Flamebearer(CallTree(whole).truncated(to: limit))
            )
            // Order and doubles of `other` apart.
            #expect(sums(one) == sums(other), "seed \(seed), limit \(limit)")
        }
    }

    private func sums(_ graph: Flamebearer) -> [[String]: Int64] {
        struct Bar {
            let start: Int64
            let end: Int64
            let path: [String]
        }
        var sums: [[String]: Int64] = [:]
        var above: [Bar] = []
        for (depth, level) in graph.levels.enumerated() {
            var bars: [Bar] = []
            var position: Int64 = 0
            for index in stride(from: 0, to: level.count, by: 4) {
                position += level[index]
                let end = position + level[index + 1]
                let parent = above.first { $0.start <= position && end <= $0.end }
                let name = graph.names[Int(level[index + 3])]
                let path = depth == 0 ? [] : (parent?.path ?? ["?"]) + [name]
                bars.append(Bar(start: position, end: end, path: path))
                sums[path, default: 0] += level[index + 1]
                position = end
            }
            above = bars
        }
        return sums
    }

    @Test func `sums beyond what fits neither trap nor turn negative`() throws {
        let huge = profile("a;b \(Int64.max)\na;c \(Int64.max)\nd \(Int64.max - 1)\ne;f 1\ne;g 2")
        for nodes in [0, 2, 4] {
            let graph = Flamebearer(huge, maximumNodes: nodes)
            #expect(graph.numTicks == .max)
            let diff = FlamebearerDiff(left: huge, right: huge, maximumNodes: nodes)
            #expect(diff.total == .max && diff.leftTicks == .max)
            #expect((graph.levels + diff.levels).joined().allSatisfy { $0 >= 0 })
            #expect(huge.truncated(to: nodes).total == .max)
        }
        #expect(!CallTree(huge).pyroscopeTree.isEmpty)
        #expect(!DotGraph.text(huge, maximumNodes: 2).isEmpty)
        #expect(!FlameGraphHTML.text(left: huge, right: huge, title: "").isEmpty)
        #expect(!FlameGraphSVG.text(huge, title: "").isEmpty)
    }

    // MARK: Differences

    @Test func `a difference pads both sides to one shape`() throws {
        let graph = FlamebearerDiff(
            left: profile("a;b 3\na 1\nz 2"), right: profile("a;c 5\nz 1"), maximumNodes: 0)
        #expect(graph.leftTicks == 6 && graph.rightTicks == 6 && graph.total == 12)
        #expect(graph.maxSelf == 5)
        func bar(_ numbers: [Int64], _ name: String) throws -> [Int64] {
            numbers + [Int64(try #require(graph.names.firstIndex(of: name)))]
        }
        #expect(graph.levels.count == 3)
        #expect(graph.levels[0] == (try bar([0, 6, 0, 0, 6, 0], "total")))
        #expect(
            graph.levels[1]
                == (try bar([0, 4, 1, 0, 5, 0], "a") + bar([0, 2, 2, 0, 1, 1], "z")))
        #expect(
            graph.levels[2]
                == (try bar([1, 3, 3, 0, 0, 0], "b") + bar([0, 0, 0, 0, 5, 5], "c")))
    }

    @Test func `two empty profiles have one bar of nothing`() {
        let graph = FlamebearerDiff(left: profile(""), right: profile(""), maximumNodes: 8)
        #expect(graph.levels == [[0, 0, 0, 0, 0, 0, 0]])
        #expect(graph.names == ["total"])
    }

    @Test func `a difference is a document of format double`() throws {
        let document = FlamebearerDiffDocument(
            left: profile("main;read_[k] 3"), right: profile("main;\"x\" 2"))
        let object = try JSONSerialization.jsonObject(with: Data(document.json.utf8))
        let root = try #require(object as? [String: Any])
        #expect(root["leftTicks"] as? Int == 3)
        #expect(root["rightTicks"] as? Int == 2)
        #expect(root["timeline"] is NSNull)
        let metadata = try #require(root["metadata"] as? [String: Any])
        #expect(metadata["format"] as? String == "double")
        let graph = try #require(root["flamebearer"] as? [String: Any])
        #expect(graph["numTicks"] as? Int == 5)
        let names = try #require(graph["names"] as? [String])
        #expect(Set(names) == ["total", "main", "read", "\"x\""])
        #expect((graph["kinds"] as? [Int])?.count == names.count)
        let frames = try #require(root["frames"] as? [String: Any])
        #expect(frames["moduleNames"] as? [String] == ["", "program", "vmlinux"])
    }

    // MARK: Call graphs

    @Test func `a call graph has functions and calls, whatever the path`() {
        let dot = DotGraph.text(
            profile("main;f;g 3\nmain;g 2\nmain;f;f 5\nread_[k] 1"), maximumNodes: 0)
        #expect(DotGraph.text(profile(""), maximumNodes: 0).isEmpty)
        #expect(dot.contains(#"label="f\n5 ns (45.5 %)\nof 8 ns (72.7 %)""#))
        #expect(dot.contains(#"label="g\n5 ns (45.5 %)\nof 5 ns (45.5 %)""#))
        #expect(dot.contains(#"N0 -> N1 [label=" 8 ns""#), "main calls f\n\(dot)")
        #expect(dot.contains(#"N1 -> N1 [label=" 5 ns""#), "f calls itself")
        let few = DotGraph.text(profile("main;f;g 3\nmain;h 9"), maximumNodes: 2)
        #expect(few.split(separator: "\n").count { $0.hasPrefix("N") } == 3, "\(few)")
        let gap = DotGraph.text(profile("main;x;g 3\nmain;g 2\ng 9"), maximumNodes: 2)
        #expect(gap.contains("style=dotted"), "\(gap)")
    }
}
