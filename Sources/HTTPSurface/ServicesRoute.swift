import Hummingbird
import ProfileModel
import ProfileQuery

/// Every application with its CPU over time: what the page lists and draws.
struct ServicesRoute {
    let engine: QueryEngine
    let clock: @Sendable () -> Timestamp
    let windowSeconds: Int

    static let path = "/api/v1/services"
    /// About as many steps as a line on a screen needs.
    static let steps = 120

    func add(to router: some RouterMethods<BasicRequestContext>) {
        router.query(Self.path) { request in
            let range = try QueryRequest.range(try QueryParameters(request), now: clock())
            return Response.json(try await answer(range), snakeCase: true)
        }
    }

    private struct Answer: Encodable {
        struct Service: Encodable {
            let serviceName: String
            let cpuNanoseconds: Int64
            /// Nanoseconds per step.
            let values: [Int64]
        }

        /// The range, begun where its first step begins. Unix time in milliseconds.
        let from: Int64
        let until: Int64
        /// Seconds.
        let step: Int64
        let windowSeconds: Int
        /// Most CPU first.
        let services: [Service]
    }

    private func answer(_ range: TimeRange) async throws -> Answer {
        let step = stepSeconds(for: range)
        let length = step * 1000
        // A first step that is cut off would look like a sudden rise.
        let start = Timestamp(milliseconds: max(0, range.start.milliseconds) / length * length)
        let whole = TimeRange(start, range.end) ?? range
        let lines = try await engine.timelines(
            Selector(type: .cpu, matchers: []), range: whole, stepSeconds: step,
            groupBy: [LabelSet.serviceName])
        return Answer(
            from: start.milliseconds, until: range.end.milliseconds, step: step,
            windowSeconds: windowSeconds,
            services: lines.map { line in
                Answer.Service(
                    serviceName: line.labels[LabelSet.serviceName] ?? "",
                    cpuNanoseconds: line.timeline.total, values: line.timeline.values)
            })
    }

    /// A multiple of the window, so that every step has equally many.
    private func stepSeconds(for range: TimeRange) -> Int64 {
        let window = Int64(max(1, windowSeconds))
        let (length, overflow) = range.end.milliseconds.subtractingReportingOverflow(
            range.start.milliseconds)
        let wanted = (overflow ? .max : length) / 1000 / Int64(Self.steps)
        return max(1, wanted / window + (wanted % window == 0 ? 0 : 1)) * window
    }
}
