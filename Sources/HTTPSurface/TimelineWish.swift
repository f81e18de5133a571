import FlameGraph
import ProfileModel
import ProfileQuery

/// Which time lines the document of a flame graph shall have: `groupBy`, `aggregation`, `source`.
struct TimelineWish {
    private enum Aggregation: String, CaseIterable {
        case sum
        case avg
    }

    /// The label whose values divide the series; nil for no groups.
    private let label: String?
    private let aggregation: PointAggregation
    /// Windows or single samples: of the profile, too.
    let source: QuerySource

    init(_ parameters: QueryParameters) throws(HTTPProblem) {
        label = parameters.string("groupBy")
        let chosen = try parameters.choice("aggregation", Aggregation.allCases) ?? .sum
        aggregation = chosen == .avg ? .average : .sum
        source = try QuerySource(parameters)
        guard source == .automatic || aggregation == .sum else {
            throw .invalid("aggregation", "single samples have no windows to average over")
        }
    }

    func timeline(
        _ query: QueryRequest, _ engine: QueryEngine
    ) async throws -> FlamebearerDocument.Timeline {
        .init(
            try await engine.timeline(
                query.selector, range: query.range, aggregation: aggregation,
                source: source))
    }

    func groups(
        _ query: QueryRequest, _ engine: QueryEngine
    ) async throws -> [FlamebearerDocument.Group]? {
        guard let label else { return nil }
        let lines = try await engine.timelines(
            query.selector, range: query.range, groupBy: [label], aggregation: aggregation,
            source: source)
        return lines.map {
            FlamebearerDocument.Group(value: $0.labels[label], timeline: .init($0.timeline))
        }
    }
}

extension FlamebearerDocument.Timeline {
    init(_ line: Timeline) {
        self.init(
            startTime: line.start.milliseconds / 1000, samples: line.values,
            durationDelta: line.stepSeconds)
    }
}
