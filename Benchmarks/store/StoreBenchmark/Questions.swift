import FlameGraph
import Fleet
import ProfileModel
import ProfileQuery
import ProfileStore

/// The queries that are timed, each the whole job as HTTP does it but for writing JSON.
struct Questions {
    let engine: QueryEngine
    /// The last second of the synthetic day.
    let end: Int64

    static let names = [
        "one service, 1 h", "one service, 24 h", "200 services, 1 h", "time line, 24 h",
        "label values",
    ]

    func ask(_ name: String) async throws {
        switch name {
        case "one service, 1 h": try await graph("service-0", hours: 1)
        case "one service, 24 h": try await graph("service-0", hours: 24)
        case "200 services, 1 h": try await graph(nil, hours: 1)
        case "time line, 24 h":
            let line = try await engine.timeline(selector("service-0"), range: range(hours: 24))
            precondition(line.total > 0)
        default:
            let values = try await engine.labelValues(
                LabelSet.serviceName, selector(nil), range: range(hours: 24))
            precondition(!values.isEmpty)
        }
    }

    private func graph(_ service: String?, hours: Int64) async throws {
        let profile = try await engine.merge(selector(service), range: range(hours: hours))
        let graph = Flamebearer(profile, maximumNodes: 8_192)
        precondition(graph.numTicks > 0)
    }

    private func selector(_ service: String?) -> Selector {
        let matchers = service.map { [LabelMatcher(LabelSet.serviceName, .equal, $0)] } ?? []
        return Selector(type: .cpu, matchers: matchers)
    }

    private func range(hours: Int64) -> TimeRange {
        let start = Timestamp(milliseconds: (end + 1 - hours * 3600) * 1000)
        let last = Timestamp(milliseconds: end * 1000 + 999)
        guard let range = TimeRange(start, last) else { preconditionFailure("no range") }
        return range
    }
}
