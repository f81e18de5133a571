import Foundation
import ProfileModel
import Testing

@testable import FlameGraph

@Suite struct FlamebearerTests {
    /// Rebuilds folded lines of self values from levels, knowing only Pyroscope's format.
    private func folded(_ graph: Flamebearer) -> [String: Int64] {
        struct Bar {
            let start: Int64
            let end: Int64
            let path: String
        }
        var sums: [String: Int64] = [:]
        var above: [Bar] = []
        for (depth, level) in graph.levels.enumerated() {
            var bars: [Bar] = []
            var position: Int64 = 0
            for index in stride(from: 0, to: level.count, by: 4) {
                position += level[index]
                let (total, own) = (level[index + 1], level[index + 2])
                let name = graph.names[Int(level[index + 3])]
                let parent = above.first { $0.start <= position && position + total <= $0.end }
                let path = depth == 0 ? "" : (parent?.path ?? "?") + ";" + name
                bars.append(Bar(start: position, end: position + total, path: path))
                if own > 0 { sums[path, default: 0] += own }
                position += total
            }
            above = bars
        }
        return sums
    }

    @Test func `lays out levels as Pyroscope does`() {
        let graph = Flamebearer(profile("a;b 3\na;c 2\na 1\nd 4"))
        #expect(graph.numTicks == 10)
        #expect(graph.maxSelf == 4)
        func bar(_ offset: Int64, _ total: Int64, _ own: Int64, _ name: String) -> [Int64] {
            [offset, total, own, Int64(graph.names.firstIndex(of: name)!)]
        }
        #expect(graph.levels[0] == bar(0, 10, 0, "total"))
        #expect(graph.levels[1] == bar(0, 6, 1, "a") + bar(0, 4, 4, "d"))
        #expect(graph.levels[2] == bar(1, 3, 3, "b") + bar(0, 2, 2, "c"))
        #expect(graph.levels.count == 3)
    }

    @Test func `an independent reader finds every stack again`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            var expected: [String: Int64] = [:]
            var text = ""
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                let path = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                    ["f", "g", "h", "main"].randomElement(using: &random)!
                }
                let value = Int64.random(in: 1...99, using: &random)
                text += "\(path.joined(separator: ";")) \(value)\n"
                expected[";" + path.joined(separator: ";"), default: 0] += value
            }
            #expect(folded(Flamebearer(profile(text))) == expected)
        }
    }

    @Test func `an empty profile has one bar of nothing`() {
        let graph = Flamebearer(profile(""))
        #expect(graph.levels == [[0, 0, 0, 0]])
        #expect(graph.names == ["total"])
    }

    @Test func `cutting keeps every total, and says how much was put together`() {
        let text = (0..<200).map { "main;f\($0 % 10);g\($0) \($0 + 1)" }.joined(separator: "\n")
        let whole = profile(text)
        for limit in [1, 2, 5, 20, 100, 500] {
            let graph = Flamebearer(whole, maximumNodes: limit)
            #expect(graph.numTicks == whole.total)
            let sums = folded(graph)
            #expect(sums.values.reduce(0, +) == whole.total, "\(limit)")
            #expect(
                graph.levels.reduce(0) { $0 + $1.count / 4 } <= max(2 * limit + 10, 14), "\(limit)")
        }
    }

    @Test func `keeps kernel and user functions of one name apart`() {
        let graph = Flamebearer(profile("main;read 1\nmain;read_[k] 2"))
        #expect(graph.levels[2].count == 8)
        let kinds = zip(graph.names, graph.kinds).filter { $0.0 == "read" }.map(\.1)
        #expect(Set(kinds) == [FrameKind.native.rawValue, FrameKind.kernel.rawValue])
    }

    @Test func `writes JSON that a parser reads back, whatever the names hold`() throws {
        let nasty = [
            "\"quoted\"", "back\\slash", "tab\tand\u{1}control", "line\u{2028}sep", "é🔥",
            "</script>",
        ]
        let whole = profile(nasty.map { "main;\($0) 1" }.joined(separator: "\n"))
        let document = FlamebearerDocument(
            whole,
            timeline: .init(startTime: 1_700_000_000, samples: [1, 2, 3], durationDelta: 10))
        let object = try JSONSerialization.jsonObject(with: Data(document.json.utf8))
        let root = try #require(object as? [String: Any])
        let bearer = try #require(root["flamebearer"] as? [String: Any])
        let names = try #require(bearer["names"] as? [String])
        #expect(Set(nasty).isSubset(of: Set(names)))
        #expect(bearer["numTicks"] as? Int == 6)
        let frames = try #require(root["frames"] as? [String: Any])
        #expect((frames["modules"] as? [Int])?.count == names.count)
        let metadata = try #require(root["metadata"] as? [String: Any])
        #expect(metadata["format"] as? String == "single")
        #expect(metadata["sampleRate"] as? Int == 1_000_000_000)
        let timeline = try #require(root["timeline"] as? [String: Any])
        #expect(timeline["samples"] as? [Int] == [1, 2, 3])
    }
}
