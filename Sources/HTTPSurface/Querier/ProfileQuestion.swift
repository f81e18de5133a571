import ProfileModel
import ProfileQuery
import PyroscopeAPI

/// What a call for a profile asks, checked.
struct ProfileQuestion {
    let type: ProfileType
    let selector: Selector
    let range: TimeRange
    /// Names from the root.
    let callSite: [String]
    /// How to shape it for Go's optimiser; nil: not at all.
    let leaves: LeafFrames?
    /// Only samples of given spans, traces or single profiles are wanted. None is stored with its
    /// identity, so there are none.
    let isAboutSpans: Bool

    init(_ request: Querier_V1_SelectMergeStacktracesRequest) throws {
        guard request.spanSelector.isEmpty || request.traceIDSelector.isEmpty else {
            throw ConnectError.invalid("span_selector and trace_id_selector exclude each other")
        }
        try self.init(
            (request.profileTypeID, request.labelSelector), (request.start, request.end),
            request.stackTraceSelector, profiles: request.profileIDSelector,
            traces: request.traceIDSelector, spans: request.spanSelector)
    }

    init(_ request: Querier_V1_SelectMergeSpanProfileRequest) throws {
        try self.init(
            (request.profileTypeID, request.labelSelector), (request.start, request.end),
            Types_V1_StackTraceSelector(), profiles: [], traces: [], spans: request.spanSelector)
    }

    init(_ request: Querier_V1_SelectMergeProfileRequest) throws {
        try self.init(
            (request.profileTypeID, request.labelSelector), (request.start, request.end),
            request.stackTraceSelector, profiles: request.profileIDSelector,
            traces: request.traceIDSelector, spans: [])
    }

    private init(
        _ what: (type: String, selector: String), _ time: (start: Int64, end: Int64),
        _ stacks: Types_V1_StackTraceSelector, profiles: [String], traces: [String],
        spans: [String]
    ) throws {
        type = try Querier.type(what.type)
        selector = try Querier.selector(what.selector, type)
        range = try Querier.dataRange(time.start, time.end)
        callSite = stacks.callSite.map(\.name)
        leaves =
            stacks.hasGoPgo
            ? LeafFrames(
                kept: Int(stacks.goPgo.keepLocations),
                leavesOutLeafLine: stacks.goPgo.aggregateCallees) : nil
        try Self.check(spans, "span_selector", digits: 16)
        try Self.check(traces, "trace_id_selector", digits: 32)
        try Self.check(profiles.map { $0.filter { $0 != "-" } }, "profile_id_selector", digits: 32)
        isAboutSpans = !(spans.isEmpty && traces.isEmpty && profiles.isEmpty)
    }

    private static func check(
        _ values: [String], _ field: String, digits: Int
    ) throws(ConnectError) {
        for value in values
        where value.utf8.count != digits || !value.allSatisfy({ $0.isASCII && $0.isHexDigit }) {
            throw .invalid("\(field): \(quoted(value)) is not of \(digits) hexadecimal digits")
        }
    }
}
