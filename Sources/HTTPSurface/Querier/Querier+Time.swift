import ProfileModel
import ProfileQuery
import PyroscopeAPI
import SwiftProtobuf

extension Querier {
    /// Exemplars are never given: what is stored has no identity beyond its series and time.
    func selectSeries(
        _ request: Querier_V1_SelectSeriesRequest, _ call: ConnectCall
    ) async throws -> Querier_V1_SelectSeriesResponse {
        let type = try Self.type(request.profileTypeID)
        let aggregation: PointAggregation
        switch request.aggregation {
        case .sum: aggregation = .sum
        case .average: aggregation = .average
        case .UNRECOGNIZED(let value):
            throw ConnectError.invalid("aggregation \(value) is not known")
        }
        let lines = try await engine.points(
            try Self.selector(request.labelSelector, type),
            range: try Self.dataRange(request.start, request.end),
            stepMilliseconds: try Self.step(request.step), groupBy: request.groupBy,
            limit: Self.limit(request.limit), aggregation: aggregation,
            callSite: request.stackTraceSelector.callSite.map(\.name))
        return .with {
            $0.series = lines.map { line in
                .with {
                    $0.labels = line.labels.pairs
                    $0.points = line.points.map { point in
                        .with {
                            $0.value = point.value
                            $0.timestamp = point.time.milliseconds
                        }
                    }
                }
            }
        }
    }

    func selectHeatmap(
        _ request: Querier_V1_SelectHeatmapRequest, _ call: ConnectCall
    ) async throws -> Querier_V1_SelectHeatmapResponse {
        let type = try Self.type(request.profileTypeID)
        let selector = try Self.selector(request.labelSelector, type)
        let range = try Self.dataRange(request.start, request.end)
        let step = try Self.step(request.step)
        switch request.queryType {
        case .unspecified, .individual: break
        // No stored profile belongs to a span.
        case .span: return Querier_V1_SelectHeatmapResponse()
        case .UNRECOGNIZED(let value):
            throw ConnectError.invalid("query_type \(value) is not known")
        }
        let lines = try await engine.heatmap(
            selector, range: range, stepMilliseconds: step, groupBy: request.groupBy,
            limit: Self.limit(request.limit))
        return .with {
            $0.series = lines.map { line in
                .with {
                    $0.labels = line.labels.pairs
                    $0.slots = line.slots.map { slot in
                        .with {
                            $0.timestamp = slot.time.milliseconds
                            $0.yMin = slot.yMinimum
                            $0.counts = slot.counts
                        }
                    }
                }
            }
        }
    }

    /// From seconds to whole milliseconds.
    private static func step(_ seconds: Double) throws(ConnectError) -> Int64 {
        let milliseconds = (seconds * 1000).rounded()
        guard milliseconds >= 1, let step = Int64(exactly: milliseconds) else {
            throw .invalid("step is \(seconds) s, and has to be a millisecond at least")
        }
        return step
    }

    /// 0 and less, as clients write "all": nil.
    private static func limit(_ wanted: Int64) -> Int? {
        wanted > 0 ? Int(clamping: wanted) : nil
    }
}
