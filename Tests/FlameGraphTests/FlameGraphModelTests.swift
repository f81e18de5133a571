import ProfileModel
import Testing

@testable import FlameGraph

/// Call trees, flame graphs and their cuts, held to a model that looks at every path for itself.
@Suite struct FlameGraphModelTests {
    static let seeds = 1...250 as ClosedRange<UInt64>

    /// Levels that break the format.
    private struct Unreadable: Error {}

    /// Reads levels as a client does that knows only the format: positions from offsets, a parent from
    /// positions. `stride` and `side`: 4 and 0 for one profile, 7 and 0 or 3 for two.
    private func read(
        _ levels: [[Int64]], _ names: [NaiveFrame], stride width: Int = 4, side: Int = 0,
        parents: [[Int]]? = nil
    ) throws -> [[ReadBar]] {
        var rows: [[ReadBar]] = []
        for (depth, level) in levels.enumerated() {
            guard level.count.isMultiple(of: width) else { throw Unreadable() }
            var row: [ReadBar] = []
            var position: Int64 = 0
            for index in stride(from: 0, to: level.count, by: width) {
                guard level[index + side] >= 0 else { throw Unreadable() }
                position += level[index + side]
                let name = names[Int(level[index + width - 1])]
                let (total, own) = (level[index + side + 1], level[index + side + 2])
                var path: [NaiveFrame] = []
                if let parents, depth > 0 {
                    path = rows[depth - 1][parents[depth][row.count]].path + [name]
                } else if depth > 0 {
                    let parent = rows[depth - 1].first {
                        $0.start + $0.own <= position && position + total <= $0.end
                    }
                    guard let parent else { throw Unreadable() }
                    path = parent.path + [name]
                }
                row.append(ReadBar(path: path, start: position, total: total, own: own))
                position += total
            }
            rows.append(row)
        }
        return rows
    }

    private func names(_ frames: [FrameName]) -> [NaiveFrame] {
        frames.map { NaiveFrame(text: $0.text, kind: $0.kind) }
    }

    /// Whether every bar's self value and those right below it make its total.
    private func isWhole(_ rows: [[ReadBar]]) -> Bool {
        for (depth, row) in rows.enumerated() {
            for bar in row {
                // Two bars may have one path: a function `other`, and what was put together.
                let children =
                    depth + 1 < rows.count
                    ? rows[depth + 1].filter {
                        $0.path.dropLast() == bar.path[...] && $0.start >= bar.start + bar.own
                            && $0.end <= bar.end
                    } : []
                if bar.own + children.reduce(0, { $0 + $1.total }) != bar.total { return false }
            }
        }
        return true
    }

    @Test func `levels say what the paths say`() async throws {
        for seed in Self.seeds {
            let random = RandomProfile(seed: seed)
            let graph = Flamebearer(random.profile)
            let rows = try read(graph.levels, names(graph.frameNames))
            var totals: [[NaiveFrame]: Int64] = [:]
            var own: [[NaiveFrame]: Int64] = [:]
            for bar in rows.joined() {
                totals[bar.path, default: 0] += bar.total
                if bar.own > 0 { own[bar.path] = bar.own }
            }
            #expect(totals == random.totals, "seed \(seed)")
            #expect(own == random.paths, "seed \(seed)")
            #expect(graph.numTicks == random.total)
            #expect(graph.maxSelf == random.paths.values.max() ?? 0)
            #expect(Set(graph.frameNames).count == graph.frameNames.count)
            #expect(isWhole(rows), "seed \(seed)")
            let isSorted = rows.allSatisfy { row in
                zip(row, row.dropFirst()).allSatisfy { $0.path.lexicographicallyPrecedes($1.path) }
            }
            #expect(isSorted, "seed \(seed): one bar per path, siblings by name")
            await Task.yield()
        }
    }

    @Test func `a cut keeps what is large, and says honestly what is not`() async throws {
        for seed in Self.seeds {
            let random = RandomProfile(seed: seed)
            let limit = Int(seed % 17) + 1
            let graph = Flamebearer(random.profile, maximumNodes: limit)
            let rows = try read(graph.levels, names(graph.frameNames))
            let expected = cut(random.totals, random.paths, to: limit)
            var totals: [[NaiveFrame]: Int64] = [:]
            for bar in rows.joined() { totals[bar.path, default: 0] += bar.total }
            #expect(totals == expected, "seed \(seed), limit \(limit)")
            #expect(graph.numTicks == random.total)
            #expect(isWhole(rows), "seed \(seed)")
            await Task.yield()
        }
    }

    private static let other = NaiveFrame(text: "other", kind: .native)

    /// The totals of a cut tree, from those of the whole one.
    private func cut(
        _ totals: [[NaiveFrame]: Int64], _ own: [[NaiveFrame]: Int64], to limit: Int
    ) -> [[NaiveFrame]: Int64] {
        guard totals.count > limit else { return totals }
        let smallest = totals.values.sorted(by: >)[limit - 1]
        var result: [[NaiveFrame]: Int64] = [:]
        func isKept(_ path: [NaiveFrame]) -> Bool {
            path.isEmpty || (totals[path] ?? 0) >= smallest
        }
        for (path, total) in totals {
            let parents = (0..<path.count).map { Array(path.prefix($0)) }
            guard parents.allSatisfy(isKept) else { continue }
            if isKept(path) {
                result[path, default: 0] += total
            } else {
                result[path.dropLast() + [Self.other], default: 0] += total
            }
        }
        return result
    }

    @Test func `two profiles lie over each other, path by path`() async throws {
        for seed in Self.seeds {
            let (left, right) = (RandomProfile(seed: seed), RandomProfile(seed: seed + 10_000))
            let graph = FlamebearerDiff(left: left.profile, right: right.profile, maximumNodes: 0)
            #expect(graph.leftTicks == left.total)
            #expect(graph.rightTicks == right.total)
            #expect(graph.total == left.total + right.total)
            let parents = try parents(of: graph.levels)
            for (side, model) in [(0, left), (3, right)] {
                let rows = try read(
                    graph.levels, names(graph.frameNames), stride: 7, side: side, parents: parents)
                var totals: [[NaiveFrame]: Int64] = [:]
                var own: [[NaiveFrame]: Int64] = [:]
                for bar in rows.joined() {
                    if bar.total > 0 || bar.path.isEmpty { totals[bar.path] = bar.total }
                    if bar.own > 0 { own[bar.path] = bar.own }
                }
                #expect(totals == model.totals, "seed \(seed)")
                #expect(own == model.paths, "seed \(seed)")
                #expect(isWhole(rows), "seed \(seed)")
            }
            let all = Set(left.totals.keys).union(right.totals.keys)
            #expect(graph.levels.reduce(0) { $0 + $1.count / 7 } == all.count, "seed \(seed)")
            await Task.yield()
        }
    }

    /// By level and bar: the index of the bar above it. A bar lies in its parent on both sides, and one
    /// side at least is not empty.
    private func parents(of levels: [[Int64]]) throws -> [[Int]] {
        struct Span {
            let left: Range<Int64>
            let right: Range<Int64>
        }
        var above: [Span] = []
        var result: [[Int]] = []
        for (depth, level) in levels.enumerated() {
            var spans: [Span] = []
            var parents: [Int] = []
            var (left, right): (Int64, Int64) = (0, 0)
            for index in stride(from: 0, to: level.count, by: 7) {
                left += level[index]
                right += level[index + 3]
                let span = Span(
                    left: left..<left + level[index + 1], right: right..<right + level[index + 4])
                (left, right) = (span.left.upperBound, span.right.upperBound)
                if depth > 0 {
                    if span.left.isEmpty && span.right.isEmpty { throw Unreadable() }
                    let fits = above.indices.filter {
                        contains(above[$0].left, span.left) && contains(above[$0].right, span.right)
                    }
                    guard let parent = fits.first else { throw Unreadable() }
                    parents.append(parent)
                }
                spans.append(span)
            }
            above = spans
            result.append(parents)
        }
        return result
    }

    private func contains(_ outer: Range<Int64>, _ inner: Range<Int64>) -> Bool {
        inner.isEmpty
            || (outer.lowerBound <= inner.lowerBound && inner.upperBound <= outer.upperBound)
    }

    @Test func `a cut of two profiles keeps both sums`() async throws {
        for seed in Self.seeds {
            let (left, right) = (RandomProfile(seed: seed), RandomProfile(seed: seed + 10_000))
            let limit = Int(seed % 23) + 1
            let graph = FlamebearerDiff(
                left: left.profile, right: right.profile, maximumNodes: limit)
            #expect(graph.leftTicks == left.total && graph.rightTicks == right.total)
            let own = graph.levels.joined().enumerated().reduce(into: (Int64(0), Int64(0))) {
                if $1.offset % 7 == 2 { $0.0 += $1.element }
                if $1.offset % 7 == 5 { $0.1 += $1.element }
            }
            #expect(own == (left.total, right.total), "seed \(seed)")
            let sizes = Set(left.totals.keys).union(right.totals.keys).map {
                max(left.totals[$0] ?? 0, right.totals[$0] ?? 0)
            }.sorted(by: >)
            let smallest = sizes.count > limit ? sizes[limit - 1] : 0
            let bars = graph.levels.reduce(0) { $0 + $1.count / 7 }
            let kept = sizes.count { $0 >= smallest }
            #expect(bars <= 2 * kept, "seed \(seed): at most one `other` per bar that stays")
            await Task.yield()
        }
    }
}
