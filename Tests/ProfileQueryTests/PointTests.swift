import ProfileModel
import ProfileStore
import Testing

@testable import ProfileQuery

/// Points, call sites and heatmaps, held to a model that looks at every window for itself.
@Suite struct PointTests {
    private static let everything = Selector(type: .cpu, matchers: [])
    private static let start = RandomWindows.start * 1000

    private struct Question {
        let range: TimeRange
        let step: Int64
        let groupBy: [String]

        init(_ random: inout SeededGenerator) {
            let from = PointTests.start + Int64.random(in: -30_000...60_000, using: &random)
            range = between(
                from, from + Int64.random(in: 0...90_000, using: &random))
            step =
                [1, 700, 1_000, 1_500, 7_000, 15_000, 200_000].randomElement(using: &random) ?? 1
            groupBy =
                [[], ["service_name"], ["zone"], ["zone", "service_name"], ["nothing"]]
                .randomElement(using: &random) ?? []
        }

        func group(_ window: RandomWindows.Window) -> LabelSet {
            LabelSet(window.labels.labels.filter { groupBy.contains($0.name) })
        }

        /// For t = start, start + step … ≤ end: windows in (t − step, t].
        func buckets(
            _ windows: [RandomWindows.Window]
        ) -> [LabelSet: [(time: Int64, windows: [RandomWindows.Window])]] {
            var result: [LabelSet: [(time: Int64, windows: [RandomWindows.Window])]] = [:]
            var time = range.start.milliseconds
            while time <= range.end.milliseconds {
                let inside = windows.filter {
                    $0.second * 1000 > time - step && $0.second * 1000 <= time
                }
                for (labels, members) in Dictionary(grouping: inside, by: group) {
                    result[labels, default: []].append((time, members))
                }
                time += step
            }
            return result
        }
    }

    private func engine(_ windows: RandomWindows) async throws -> QueryEngine {
        QueryEngine(store: try await windows.store(), limits: QueryLimits(steps: 100_000))
    }

    /// By labels: (time, value) of each point.
    private func plain(_ series: [PointSeries]) -> [LabelSet: [[Double]]] {
        var plain: [LabelSet: [[Double]]] = [:]
        for one in series {
            plain[one.labels] = one.points.map { [Double($0.time.milliseconds), $0.value] }
        }
        return plain
    }

    @Test func `points are the sums of the windows of their steps`() async throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let windows = RandomWindows(seed: seed)
            let engine = try await engine(windows)
            var random = SeededGenerator(seed: seed + 1000)
            for _ in 0..<5 {
                let question = Question(&random)
                let buckets = question.buckets(windows.windows)
                for aggregation in [PointAggregation.sum, .average] {
                    let series = try await engine.points(
                        Self.everything, range: question.range, stepMilliseconds: question.step,
                        groupBy: question.groupBy, aggregation: aggregation)
                    let expected = buckets.mapValues {
                        $0.map { time, windows in
                            let sum = Double(windows.reduce(0) { $0 + $1.total })
                            let count = aggregation == .average ? Double(windows.count) : 1
                            return [Double(time), sum / count]
                        }
                    }
                    #expect(plain(series) == expected, "seed \(seed) \(question)")
                    let totals = series.map { $0.points.reduce(0) { $0 + $1.value } }
                    #expect(totals == totals.sorted(by: >))
                }
            }
        }
    }

    @Test func `points of a call site are what lies below it`() async throws {
        for seed in 1...15 as ClosedRange<UInt64> {
            let windows = RandomWindows(seed: seed)
            let engine = try await engine(windows)
            var random = SeededGenerator(seed: seed + 1000)
            let question = Question(&random)
            for callSite in [["main"], ["f", "g"], ["g", "g", "main"], ["nowhere"]] {
                let series = try await engine.points(
                    Self.everything, range: question.range,
                    stepMilliseconds: max(1_000, question.step), groupBy: question.groupBy,
                    callSite: callSite)
                var expected: [LabelSet: [[Double]]] = [:]
                var wide = question.buckets(windows.windows)
                if question.step < 1_000 { wide = [:] }
                for (labels, buckets) in wide {
                    let points = buckets.map { time, windows in
                        [
                            Double(time),
                            Double(windows.reduce(0) { $0 + $1.total(below: callSite) }),
                        ]
                    }.filter { $0[1] > 0 }
                    if !points.isEmpty { expected[labels] = points }
                }
                if question.step >= 1_000 {
                    #expect(plain(series) == expected, "seed \(seed) \(callSite)")
                }
            }
        }
    }

    @Test func `a call site selects stacks with their whole paths`() async throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let windows = RandomWindows(seed: seed)
            let engine = try await engine(windows)
            let ever = between(0, Self.start + 1_000_000)
            for callSite in [[], ["main"], ["g"], ["f", "g"], ["main", "g", "f", "main"]] {
                let profile = try await engine.merge(
                    Self.everything, range: ever, callSite: callSite)
                var expected: [[String]: Int64] = [:]
                for (path, value) in windows.windows.flatMap(\.stacks)
                where path.starts(with: callSite) {
                    expected[path, default: 0] += value
                }
                var found: [[String]: Int64] = [:]
                for entry in profile.values {
                    let path = profile.table.locations(of: entry.stack).reversed().flatMap {
                        $0.names.reversed()
                    }
                    found[path, default: 0] += entry.value
                }
                #expect(found == expected, "seed \(seed) \(callSite)")
                let used = Set(profile.values.flatMap { profile.table.stacks[Int($0.stack)] })
                #expect(callSite.isEmpty || used.count == profile.table.locations.count)
            }
        }
    }

    @Test func `a heatmap counts each window once, by time and total`() async throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let windows = RandomWindows(seed: seed)
            let engine = try await engine(windows)
            var random = SeededGenerator(seed: seed + 1000)
            let question = Question(&random)
            let series = try await engine.heatmap(
                Self.everything, range: question.range, stepMilliseconds: question.step,
                groupBy: question.groupBy)
            let inside = windows.windows.filter {
                question.range.contains(Timestamp(milliseconds: $0.second * 1000))
            }
            let groups = Dictionary(grouping: inside, by: question.group)
            #expect(Set(series.map(\.labels)) == Set(groups.keys), "seed \(seed)")
            for one in series {
                let group = groups[one.labels] ?? []
                let counts = one.slots.flatMap(\.counts).reduce(0) { $0 + Int($1) }
                #expect(counts == group.count)
                for slot in one.slots {
                    let time = slot.time.milliseconds
                    let members = group.filter {
                        $0.second * 1000 > time - question.step && $0.second * 1000 <= time
                    }
                    #expect(slot.counts.count == 20 && slot.yMinimum.count == 20)
                    let isRight = slot.counts.indices.allSatisfy { band in
                        let low = band == 0 ? -1 : slot.yMinimum[band]
                        let high = band == 19 ? Double.infinity : slot.yMinimum[band + 1]
                        let count = members.count {
                            low <= Double($0.total) && Double($0.total) < high
                        }
                        return count == Int(slot.counts[band])
                    }
                    #expect(isRight, "seed \(seed)")
                    #expect((time - question.range.start.milliseconds) % question.step == 0)
                }
                #expect(one.slots.map(\.time) == one.slots.map(\.time).sorted())
            }
        }
    }

    @Test func `the first groups are the largest, and equal ones go by labels`() async throws {
        let windows = RandomWindows(seed: 3)
        let engine = try await engine(windows)
        // One step up to this moment.
        let now = between(Self.start + 1_000_000, Self.start + 1_000_000)
        let all = try await engine.points(
            Self.everything, range: now, stepMilliseconds: 1 << 50,
            groupBy: ["service_name", "zone"])
        #expect(all.count > 2)
        let first = try await engine.points(
            Self.everything, range: now, stepMilliseconds: 1 << 50,
            groupBy: ["service_name", "zone"], limit: 2)
        #expect(first == Array(all.prefix(2)))
        let times = Set(all.flatMap(\.points).map(\.time))
        #expect(times == [Timestamp(milliseconds: Self.start + 1_000_000)])
    }
}
