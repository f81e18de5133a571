import Hummingbird

/// `querier.v1.QuerierService`: what Grafana's Pyroscope data source and its Drilldown app call.
struct QuerierRoutes {
    let querier: Querier

    static let service = "/querier.v1.QuerierService/"
    static let paths = Set(
        [
            "ProfileTypes", "LabelNames", "LabelValues", "Series", "SelectMergeStacktraces",
            "SelectMergeSpanProfile", "SelectMergeProfile", "SelectSeries", "SelectHeatmap", "Diff",
            "GetProfileStats", "AnalyzeQuery",
        ].map { service + $0 })

    func add(to router: Router<BasicRequestContext>) {
        let querier = querier
        router.unary(Self.service + "ProfileTypes") { try await querier.profileTypes($0, $1) }
        router.unary(Self.service + "LabelNames") { try await querier.labelNames($0, $1) }
        router.unary(Self.service + "LabelValues") { try await querier.labelValues($0, $1) }
        router.unary(Self.service + "Series") { try await querier.series($0, $1) }
        router.unary(Self.service + "SelectMergeStacktraces") {
            try await querier.selectMergeStacktraces($0, $1)
        }
        router.unary(Self.service + "SelectMergeSpanProfile") {
            try await querier.selectMergeSpanProfile($0, $1)
        }
        router.call(Self.service + "SelectMergeProfile") {
            try await querier.selectMergeProfile($0, $1)
        }
        router.unary(Self.service + "SelectSeries") { try await querier.selectSeries($0, $1) }
        router.unary(Self.service + "SelectHeatmap") { try await querier.selectHeatmap($0, $1) }
        router.unary(Self.service + "Diff") { try await querier.diff($0, $1) }
        router.unary(Self.service + "GetProfileStats") { try await querier.profileStats($0, $1) }
        router.unary(Self.service + "AnalyzeQuery") { try await querier.analyzeQuery($0, $1) }
    }
}
