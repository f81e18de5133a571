package import ProfileModel
import ProfileStore

extension QueryEngine {
    /// Every stored profile (a window of a series) of the range, counted by time and total: 20 bands of
    /// equal height between the smallest and the largest total, the same for all series, as
    /// Pyroscope has them. Series and limits as in `points`.
    package func heatmap(
        _ selector: Selector, range: TimeRange, stepMilliseconds: Int64, groupBy: [String] = [],
        limit: Int? = nil
    ) async throws(QueryError) -> [HeatmapSeries] {
        let type = try type(of: selector)
        let range = try checked(range)
        // Checks the step; slots also lie past the end, so they are counted here.
        _ = try PointSteps(range, stepMilliseconds: stepMilliseconds, limit: limits.steps)
        let step = min(stepMilliseconds, 1 << 43)
        return try await limited {
            var groups: [LabelSet: [SeriesTotals.Point]] = [:]
            for series in try await store.totals(selector.matchers, type: type, range: range) {
                let group = SeriesKey(labels: series.labels, type: type).projected(on: groupBy)
                groups[group, default: []] += series.points
            }
            let kept = try largest(groups, limit: limit)
            guard let bands = HeatmapBands(kept.flatMap(\.points).map(\.value)) else { return [] }
            return kept.map { labels, points in
                HeatmapSeries(
                    labels: labels,
                    slots: Self.slots(points, bands, from: range.start.milliseconds, step: step))
            }
        }
    }

    private func largest(
        _ groups: [LabelSet: [SeriesTotals.Point]], limit: Int?
    ) throws -> [(labels: LabelSet, points: [SeriesTotals.Point])] {
        let sorted = groups.map { labels, points in
            (total: points.reduce(0.0) { $0 + Double($1.value) }, labels: labels, points: points)
        }.sorted {
            $0.total != $1.total
                ? $0.total > $1.total
                : $0.labels.labels.lexicographicallyPrecedes($1.labels.labels)
        }
        let wanted = sorted.prefix(max(0, limit ?? .max)).map { ($0.labels, $0.points) }
        guard wanted.count <= limits.groups else {
            throw QueryError(
                .tooMuch,
                "\(wanted.count) groups are more than \(limits.groups); group by fewer labels, or "
                    + "set a limit")
        }
        return wanted
    }

    private static func slots(
        _ points: [SeriesTotals.Point], _ bands: HeatmapBands, from start: Int64, step: Int64
    ) -> [HeatmapSeries.Slot] {
        var counts: [Int64: [Int32]] = [:]
        for point in points {
            let time = point.start.milliseconds
            let index = time <= start ? 0 : (time - start - 1) / step + 1
            counts[index, default: Array(repeating: 0, count: HeatmapBands.count)][
                bands.index(of: point.value)] += 1
        }
        return counts.sorted { $0.key < $1.key }.map { index, counts in
            HeatmapSeries.Slot(
                time: Timestamp(milliseconds: start + index * step), yMinimum: bands.minimums,
                counts: counts)
        }
    }
}

/// Bands of equal height over the values there are.
struct HeatmapBands: Sendable {
    static let count = 20

    private let lowest: Double
    private let height: Double

    /// Nil without values.
    init?(_ values: [Int64]) {
        guard let lowest = values.min(), let highest = values.max() else { return nil }
        self.lowest = Double(lowest)
        height = max(Double(highest) - Double(lowest), 1) / Double(Self.count)
    }

    /// Where each begins.
    var minimums: [Double] { (0..<Self.count).map { lowest + Double($0) * height } }

    func index(of value: Int64) -> Int {
        let index = Int(((Double(value) - lowest) / height).rounded(.down))
        return min(max(index, 0), Self.count - 1)
    }
}
