import FlameGraph
import Foundation
import Pprof
import ProfileModel
import ProfileQuery
import ProfileStore
import PyroscopeAPI
import SwiftProtobuf
import Testing

@testable import HTTPSurface

@Suite struct QuerierTests {
    private static let start: Int64 = 1_699_999_990_000
    private static let end: Int64 = 1_700_000_020_000
    private static let cpu = ProfileModel.ProfileType.cpu.id

    private func stacktraces(
        _ change: (inout Querier_V1_SelectMergeStacktracesRequest) -> Void = { _ in }
    ) async throws -> Querier_V1_SelectMergeStacktracesResponse {
        var request = Querier_V1_SelectMergeStacktracesRequest()
        request.profileTypeID = Self.cpu
        request.labelSelector = "{}"
        request.start = Self.start
        request.end = Self.end
        change(&request)
        return try await ServedCall.answer("SelectMergeStacktraces", request)
    }

    private func merged() async throws -> MergedProfile {
        let range = try #require(
            TimeRange(Timestamp(milliseconds: Self.start), Timestamp(milliseconds: Self.end)))
        return try await QueryEngine(store: try await Fixture.store()).merge(
            Selector(Self.cpu + "{}"), range: range)
    }

    private func samples(_ bytes: [UInt8]) throws -> [String] {
        try samples(Google_V1_Profile(serializedBytes: bytes))
    }

    /// `leaf … root values` of each sample, sorted: the store gives stacks in no order.
    private func samples(_ profile: Google_V1_Profile) throws -> [String] {
        let text = profile.stringTable
        return try profile.sample.map { sample in
            let names = try sample.locationID.map { id in
                let location = try #require(profile.location.first { $0.id == id })
                let line = try #require(location.line.first)
                let function = try #require(profile.function.first { $0.id == line.functionID })
                return text[Int(function.name)]
            }
            return "\(names) \(sample.value)"
        }.sorted() + profile.sampleType.map { "\(text[Int($0.type)])/\(text[Int($0.unit)])" }
            + ["\(profile.period) \(profile.timeNanos) \(profile.durationNanos)"]
    }

    // MARK: Profiles

    @Test func `a flame graph is render's`() async throws {
        let graph = try await stacktraces().flamegraph
        let expected = Flamebearer(try await merged())
        #expect(graph.names == expected.names)
        #expect(graph.levels.map(\.values) == expected.levels)
        #expect(graph.total == 1000)
        #expect(graph.maxSelf == 600)
    }

    @Test func `the other formats are those of their encoders`() async throws {
        let profile = try await merged()
        let tree = try await stacktraces { $0.format = .tree }
        #expect(Array(tree.tree) == CallTree(profile).pyroscopeTree)
        #expect(!tree.hasFlamegraph)
        let dot = try await stacktraces { $0.format = .dot }
        #expect(dot.dot.hasPrefix("digraph") && dot.dot.contains("vfs_read"))
        let pprof = try await stacktraces { $0.format = .pprof }
        #expect(try samples(pprof.pprof.profile) == samples(PprofEncoder.message(profile)))
    }

    @Test func `max_nodes merges what is small`() async throws {
        let graph = try await stacktraces { $0.maxNodes = 2 }.flamegraph
        #expect(graph.names.contains("other"))
        #expect(graph.total == 1000)
        for unset in [nil, 0] as [Int64?] {
            let whole = try await stacktraces { if let unset { $0.maxNodes = unset } }.flamegraph
            #expect(!whole.names.contains("other"))
        }
    }

    @Test(arguments: [
        #"{service_name="nobody"}"#, #"{__profile_type__="memory:alloc_space:bytes::"}"#,
        "memory{}", #"{service_name!~".+"}"#,
    ])
    func `nothing is the graph of the one node total, never empty levels`(
        _ selector: String
    ) async throws {
        let graph = try await stacktraces { $0.labelSelector = selector }.flamegraph
        #expect(graph.names == ["total"])
        #expect(graph.levels.map(\.values) == [[0, 0, 0, 0]])
        #expect(graph.total == 0)
        let tree = try await stacktraces {
            $0.labelSelector = selector
            $0.format = .tree
        }
        #expect(tree.tree.isEmpty)
    }

    @Test(arguments: [
        "", "{}", #"{service_name="nginx"}"#, "process_cpu", #"process_cpu{comm="nginx"}"#,
        #"{__type__="cpu"}"#, #"{"service_name"=~"ng.*"}"#,
    ])
    func `selectors are Prometheus'`(_ selector: String) async throws {
        #expect(try await stacktraces { $0.labelSelector = selector }.flamegraph.total == 1000)
    }

    @Test func `a sixth part of a type id is dropped`() async throws {
        #expect(
            try await stacktraces { $0.profileTypeID = Self.cpu + ":delta" }.flamegraph.total
                == 1000)
    }

    @Test func `start and end are included`() async throws {
        let window: Int64 = 1_700_000_000_000
        for (start, end, total) in [
            (window, window, 1000), (window - 1, window, 1000), (window + 1000, window + 2000, 0),
            (-5, window, 1000), (0, .max, 1000), (.min, .max, 1000),
        ] as [(Int64, Int64, Int64)] {
            let graph = try await stacktraces {
                $0.start = start
                $0.end = end
            }.flamegraph
            #expect(graph.total == total)
        }
    }

    @Test func `a call site keeps whole paths`() async throws {
        let graph = try await stacktraces {
            $0.stackTraceSelector.callSite = ["main", "handle \"request\""].map { name in
                .with { $0.name = name }
            }
        }.flamegraph
        #expect(graph.total == 900)
        #expect(graph.names.contains("main"))
    }

    @Test func `spans, traces and single profiles match nothing, for none is stored`() async throws
    {
        let span = "0123456789abcdef"
        for change: (inout Querier_V1_SelectMergeStacktracesRequest) -> Void in [
            { $0.spanSelector = [span] },
            { $0.traceIDSelector = [span + span] },
            { $0.profileIDSelector = ["01234567-89ab-cdef-0123-456789abcdef"] },
        ] {
            let graph = try await stacktraces(change).flamegraph
            #expect(graph.levels.map(\.values) == [[0, 0, 0, 0]])
        }
        var request = Querier_V1_SelectMergeSpanProfileRequest()
        request.profileTypeID = Self.cpu
        request.start = Self.start
        request.end = Self.end
        let whole: Querier_V1_SelectMergeSpanProfileResponse = try await ServedCall.answer(
            "SelectMergeSpanProfile", request)
        #expect(whole.flamegraph.total == 1000)
        request.spanSelector = [span]
        let none: Querier_V1_SelectMergeSpanProfileResponse = try await ServedCall.answer(
            "SelectMergeSpanProfile", request)
        #expect(none.flamegraph.levels.map(\.values) == [[0, 0, 0, 0]])
    }

    @Test func `who asks for later has the answer at once`() async throws {
        let answer = try await stacktraces { $0.async.type = .force }
        #expect(answer.async.status == .success)
        #expect(answer.flamegraph.total == 1000)
        #expect(try await !stacktraces { $0.async.type = .disabled }.hasAsync)
    }

    @Test func `a merged profile is our pprof, in both encodings`() async throws {
        var request = Querier_V1_SelectMergeProfileRequest()
        request.profileTypeID = Self.cpu
        request.start = Self.start
        request.end = Self.end
        let expected = PprofEncoder.message(try await merged())
        let binary = try await ServedCall(
            "SelectMergeProfile", request.serializedBytes(), contentType: "application/proto")
        #expect(try samples(binary.bytes) == samples(expected))
        let text = try await ServedCall("SelectMergeProfile", json: request.jsonString())
        #expect(
            try samples(Google_V1_Profile(jsonUTF8Bytes: text.bytes)) == samples(expected))
        request.stackTraceSelector.goPgo.keepLocations = 1
        let cut: Google_V1_Profile = try await ServedCall.answer("SelectMergeProfile", request)
        #expect(cut.sample.allSatisfy { $0.locationID.count == 1 })
        #expect(cut.sample.map(\.value[1]).reduce(0, +) == 1000)
    }

    @Test func `a diff has both sides' ticks`() async throws {
        let side = Querier_V1_SelectMergeStacktracesRequest.with {
            $0.profileTypeID = Self.cpu
            $0.start = Self.start
            $0.end = Self.end
        }
        var request = Querier_V1_DiffRequest()
        request.left = side
        request.right = side
        request.right.labelSelector = #"{service_name="nobody"}"#
        let half: Querier_V1_DiffResponse = try await ServedCall.answer("Diff", request)
        #expect(half.flamegraph.total == 1000)
        #expect(half.flamegraph.leftTicks == 1000)
        #expect(half.flamegraph.rightTicks == 0)
        #expect(half.flamegraph.levels.first?.values.count == 7)
        request.left.labelSelector = request.right.labelSelector
        let none: Querier_V1_DiffResponse = try await ServedCall.answer("Diff", request)
        #expect(none.flamegraph.names == ["total"])
        #expect(none.flamegraph.levels.map(\.values) == [[0, 0, 0, 0, 0, 0, 0]])
    }

    // MARK: Over time

    @Test func `points stand at the right edge of their step`() async throws {
        var request = Querier_V1_SelectSeriesRequest()
        request.profileTypeID = Self.cpu
        request.labelSelector = "{}"
        request.start = Self.start
        request.end = Self.end
        request.step = 7.5
        let one: Querier_V1_SelectSeriesResponse = try await ServedCall.answer(
            "SelectSeries", request)
        let expected = Types_V1_Point.with {
            $0.value = 1000
            $0.timestamp = Self.start + 15_000
        }
        #expect(one.series.map(\.points) == [[expected]])
        #expect(one.series.map(\.labels) == [[]])
        request.groupBy = ["service_name", "absent"]
        request.aggregation = .average
        request.limit = 1
        let grouped: Querier_V1_SelectSeriesResponse = try await ServedCall.answer(
            "SelectSeries", request)
        #expect(grouped.series.map { $0.labels.map(\.value) } == [["nginx"]])
    }

    @Test func `a heatmap counts profiles, and none for spans`() async throws {
        var request = Querier_V1_SelectHeatmapRequest()
        request.profileTypeID = Self.cpu
        request.start = Self.start
        request.end = Self.end
        request.step = 15
        let map: Querier_V1_SelectHeatmapResponse = try await ServedCall.answer(
            "SelectHeatmap", request)
        let slots = try #require(map.series.first?.slots)
        #expect(slots.map(\.timestamp) == [Self.start + 15_000])
        #expect(slots[0].counts.reduce(0, +) == 1)
        #expect(slots[0].counts.count == slots[0].yMin.count)
        request.queryType = .span
        let spans: Querier_V1_SelectHeatmapResponse = try await ServedCall.answer(
            "SelectHeatmap", request)
        #expect(spans.series.isEmpty)
    }

    // MARK: Labels

    @Test(arguments: ["{}", #"{"start":"0","end":"0"}"#, #"{"start":-5,"end":1800000000000}"#])
    func `profile types need no time`(_ json: String) async throws {
        let served = try await ServedCall("ProfileTypes", json: json)
        let answer = try Querier_V1_ProfileTypesResponse(jsonUTF8Bytes: served.bytes)
        #expect(answer.profileTypes.map(\.id) == [Self.cpu])
        #expect(answer.profileTypes[0].sampleUnit == "nanoseconds")
        #expect(served.text.contains(#""ID":"process_cpu:"#))
    }

    @Test func `names and values are those of series that match any selector`() async throws {
        let store = try await Fixture.store()
        try await store.write(Fixture.batch(services: 2))
        var request = Types_V1_LabelValuesRequest()
        request.name = "service_name"
        request.matchers = [#"{service_name="service-0"}"#, "{comm=~\"ng.*\"}"]
        let two: Types_V1_LabelValuesResponse = try await ServedCall.answer(
            "LabelValues", request, store: store)
        #expect(two.names == ["nginx", "service-0"])
        request.name = "__name__"
        let metrics: Types_V1_LabelValuesResponse = try await ServedCall.answer(
            "LabelValues", request, store: store)
        #expect(metrics.names == ["process_cpu"])
        request.name = "__profile_type__"
        let types: Types_V1_LabelValuesResponse = try await ServedCall.answer(
            "LabelValues", request, store: store)
        #expect(types.names == [Self.cpu])
    }

    @Test(
        arguments: [
            (nil, false), ("*/*", false), ("*/*;allow-utf8-labelnames=false", false),
            ("*/*;allow-utf8-labelnames=true", true), ("*/*; allow-utf8-labelnames=true", true),
        ] as [(String?, Bool)])
    func `names that need quotes are shown to those who ask for them`(
        _ accept: String?, _ shows: Bool
    ) async throws {
        let store = try await Fixture.store()
        try await store.write(Fixture.batch(services: 1))
        let headers = accept.map { ["Accept": $0] } ?? [:]
        let names = try await ServedCall("LabelNames", json: "{}", headers: headers, store: store)
        let list = try Types_V1_LabelNamesResponse(jsonUTF8Bytes: names.bytes).names
        #expect(list.contains("otel.scope.name") == shows)
        #expect(list.contains("service_name") && list.contains("__profile_type__"))
        #expect(list == list.sorted())
        let series = try await ServedCall("Series", json: "{}", headers: headers, store: store)
        #expect(series.text.contains("otel.scope.name") == shows)
    }

    @Test func `series are what labels tell apart`() async throws {
        let store = try await Fixture.store()
        try await store.write(Fixture.batch(services: 2))
        let served = try await ServedCall(
            "Series", json: #"{"labelNames":["service_name","__profile_type__"]}"#, store: store)
        let sets = try Querier_V1_SeriesResponse(jsonUTF8Bytes: served.bytes).labelsSet
        #expect(
            sets.map { $0.labels.map(\.name) }.allSatisfy {
                $0 == ["__profile_type__", "service_name"]
            })
        #expect(sets.map { $0.labels[1].value } == ["nginx", "service-0", "service-1"])
    }

    @Test func `an empty store answers without data and without errors`() async throws {
        let store = MemoryProfileStore()
        for method in ["ProfileTypes", "LabelNames", "Series", "GetProfileStats"] {
            #expect(try await ServedCall(method, json: "{}", store: store).text == "{}")
        }
        let values = try await ServedCall("LabelValues", json: #"{"name":"a"}"#, store: store)
        #expect(values.text == "{}")
    }

    @Test func `stats say from when to when there is data`() async throws {
        let stats: Types_V1_GetProfileStatsResponse = try await ServedCall.answer(
            "GetProfileStats", Types_V1_GetProfileStatsRequest())
        #expect(stats.dataIngested)
        #expect(stats.oldestProfileTime == 1_700_000_000_000)
        #expect(stats.newestProfileTime == 1_700_000_000_000)
    }

    @Test func `an analysis counts series`() async throws {
        let request = Querier_V1_AnalyzeQueryRequest.with { $0.query = Self.cpu + "{}" }
        let answer: Querier_V1_AnalyzeQueryResponse = try await ServedCall.answer(
            "AnalyzeQuery", request)
        #expect(answer.queryImpact.totalQueriedSeries == 1)
    }
}
