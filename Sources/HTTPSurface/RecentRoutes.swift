import Foundation
import Hummingbird
import ProfileModel
import ProfileQuery
import RecentSamples

/// What single samples tell: CPU over time in cells, and which processes ran.
///
/// `from` is when the oldest sample held was taken, when it is not given. Times are Unix time in
/// milliseconds, and ranges hold to the millisecond.
struct RecentRoutes {
    /// Nil where no single samples are kept.
    let recent: RecentQuery?
    let clock: @Sendable () -> Timestamp

    static let heatmapPath = "/api/v1/heatmap"
    static let path = "/api/v1/recent"
    static let paths = [heatmapPath, path]
    static let rows = 1...1000
    static let defaultStep: Int64 = 1000

    func add(to router: Router<BasicRequestContext>) {
        router.get(RouterPath(Self.heatmapPath)) { request, _ in
            let answer = try await heatmap(try QueryParameters(request))
            return Response.large(answer, contentType: "application/json", for: request)
        }
        router.get(RouterPath(Self.path)) { request, _ in
            Response.json(try await held(try QueryParameters(request)), snakeCase: true)
        }
    }

    // MARK: Heatmap

    private struct HeatmapAnswer: Encodable {
        /// Where the first column begins.
        let start: Int64
        let stepMilliseconds: Int64
        let columns: Int
        /// How much time a row of a column stands for; absent when rows are CPUs.
        let rowMilliseconds: Double?
        /// Which CPU each row stands for; absent when rows are parts of a column.
        let cpus: [UInt32]?
        /// Nanoseconds of CPU by row, then column.
        let values: [[Int64]]
    }

    private func heatmap(_ parameters: QueryParameters) async throws -> String {
        let (recent, selector, range) = try scope(parameters)
        let step = try Self.milliseconds(parameters) ?? Self.defaultStep
        let rows = try Self.rows(parameters)
        let heatmap = try await recent.heatmap(
            selector, range: range, stepMilliseconds: step, rows: rows)
        var answer: HeatmapAnswer
        switch rows {
        case .parts(let count):
            answer = HeatmapAnswer(
                start: heatmap.start.milliseconds, stepMilliseconds: step,
                columns: heatmap.columns, rowMilliseconds: Double(step) / Double(count), cpus: nil,
                values: heatmap.values)
        case .cpus:
            answer = HeatmapAnswer(
                start: heatmap.start.milliseconds, stepMilliseconds: step,
                columns: heatmap.columns, rowMilliseconds: nil, cpus: heatmap.cpus,
                values: heatmap.values)
        }
        return try Self.text(answer)
    }

    private static func text(_ answer: HeatmapAnswer) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(answer), as: UTF8.self)
    }

    /// `by=cpu`, or `rows` parts of each step.
    private static func rows(_ parameters: QueryParameters) throws -> Heatmap.Rows {
        switch parameters.string("by") {
        case "cpu": return .cpus
        case nil, "time": return .parts(try parameters.integer("rows", in: rows) ?? 1)
        case let other?:
            throw HTTPProblem.invalid("by", "\(quoted(other)) is neither time nor cpu")
        }
    }

    /// `step`: `20ms`, `1s`, `5m`; a bare number is milliseconds.
    private static func milliseconds(_ parameters: QueryParameters) throws -> Int64? {
        guard let text = parameters.string("step") else { return nil }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units: [Substring: Int64] = ["": 1, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000]
        guard let number = Int64(digits), let unit = units[text.dropFirst(digits.count)],
            number >= 1, case let (step, isTooLong) = number.multipliedReportingOverflow(by: unit),
            !isTooLong
        else {
            throw HTTPProblem.invalid(
                "step", "\(quoted(text)) is not a time of a millisecond at least, like 20ms or 1s")
        }
        return step
    }

    // MARK: Processes

    private struct HeldAnswer: Encodable {
        struct Process: Encodable {
            let pid: UInt32
            let comm: String?
            let serviceName: String?
            let threads: Int
            let samples: Int
            let cpuNanoseconds: Int64
        }

        /// What the ring holds; null while it is empty.
        let start: Int64?
        let end: Int64?
        let samples: Int
        let bytes: Int
        /// The range that `processes` are about.
        let from: Int64
        let until: Int64
        /// Most CPU first.
        let processes: [Process]
    }

    private func held(_ parameters: QueryParameters) async throws -> HeldAnswer {
        let (recent, selector, range) = try scope(parameters)
        let processes = try await recent.processes(selector, range: range)
        let holdings = recent.holdings
        return HeldAnswer(
            start: holdings.start?.milliseconds, end: holdings.end?.milliseconds,
            samples: holdings.samples, bytes: holdings.bytes, from: range.start.milliseconds,
            until: range.end.milliseconds,
            processes: processes.map { process in
                HeldAnswer.Process(
                    pid: process.pid, comm: process.labels["comm"],
                    serviceName: process.labels[LabelSet.serviceName], threads: process.threads,
                    samples: process.samples, cpuNanoseconds: process.value)
            })
    }

    // MARK: Both

    private func scope(
        _ parameters: QueryParameters
    ) throws -> (RecentQuery, Selector, TimeRange) {
        guard let recent else {
            throw HTTPProblem.invalid(
                nil,
                "no single samples are kept here; recent-bytes in the configuration says how many"
            )
        }
        let selector =
            try parameters.string("query").map { try Selector($0) }
            ?? Selector(type: .cpu, matchers: [])
        let now = clock()
        let holdings = recent.holdings
        let range = try QueryRequest.range(parameters, now: now)
        guard parameters.string("from") == nil else { return (recent, selector, range) }
        let start = min(holdings.start ?? range.end, range.end)
        return (recent, selector, TimeRange(start, range.end) ?? range)
    }
}

extension QuerySource {
    /// The `source` parameter: `recent` asks for single samples.
    init(_ parameters: QueryParameters) throws(HTTPProblem) {
        guard let text = parameters.string("source") else {
            self = .automatic
            return
        }
        guard text == Self.recent.rawValue else {
            throw .invalid("source", "\(quoted(text)) is not \(Self.recent.rawValue)")
        }
        self = .recent
    }
}
