import ProfileModel
import ProfileQuery
import ProfileStore
import PyroscopeAPI
import SwiftProtobuf

extension Querier {
    func profileTypes(
        _ request: Querier_V1_ProfileTypesRequest, _ call: ConnectCall
    ) async throws -> Querier_V1_ProfileTypesResponse {
        let range = try Self.metadataRange(request.start, request.end)
        let types = try await engine.profileTypes(range: range)
        return .with { $0.profileTypes = types.map { Types_V1_ProfileType($0) } }
    }

    func labelNames(
        _ request: Types_V1_LabelNamesRequest, _ call: ConnectCall
    ) async throws -> Types_V1_LabelNamesResponse {
        let names = try await engine.labelNames(
            try Self.selectors(request.matchers),
            range: try Self.metadataRange(request.start, request.end))
        // Pyroscope lists what it derives from a profile type beside a series' own labels.
        let all = names.isEmpty ? [] : Set(names + SeriesKey.derivedNames).sorted()
        return .with { $0.names = all.filter { call.shows(labelName: $0) } }
    }

    func labelValues(
        _ request: Types_V1_LabelValuesRequest, _ call: ConnectCall
    ) async throws -> Types_V1_LabelValuesResponse {
        guard !request.name.isEmpty else { throw ConnectError.invalid("name is missing") }
        let values = try await engine.labelValues(
            request.name, try Self.selectors(request.matchers),
            range: try Self.metadataRange(request.start, request.end))
        return .with { $0.names = values }
    }

    func series(
        _ request: Querier_V1_SeriesRequest, _ call: ConnectCall
    ) async throws -> Querier_V1_SeriesResponse {
        let sets = try await engine.series(
            try Self.selectors(request.matchers), labelNames: request.labelNames,
            range: try Self.metadataRange(request.start, request.end))
        return .with {
            $0.labelsSet = sets.map { set in
                .with { $0.labels = set.pairs.filter { call.shows(labelName: $0.name) } }
            }
        }
    }

    func profileStats(
        _ request: Types_V1_GetProfileStatsRequest, _ call: ConnectCall
    ) async throws -> Types_V1_GetProfileStatsResponse {
        guard let span = try await engine.span() else { return Types_V1_GetProfileStatsResponse() }
        return .with {
            $0.dataIngested = true
            $0.oldestProfileTime = span.lowerBound.milliseconds
            $0.newestProfileTime = span.upperBound.milliseconds
        }
    }

    /// How many series a query would read. Bytes are not estimated: a query reads what it needs of a
    /// file, and says nothing about it beforehand.
    func analyzeQuery(
        _ request: Querier_V1_AnalyzeQueryRequest, _ call: ConnectCall
    ) async throws -> Querier_V1_AnalyzeQueryResponse {
        let selector = try Selector(request.query, parameter: "query")
        let range = try Self.metadataRange(request.start, request.end)
        let count = UInt64(try await engine.series([selector], range: range).count)
        return .with {
            $0.queryScopes = [
                .with {
                    $0.componentType = "store"
                    $0.componentCount = 1
                    $0.seriesCount = count
                }
            ]
            $0.queryImpact.totalQueriedSeries = count
        }
    }
}

extension ConnectCall {
    /// Label names that Prometheus could not write bare are hidden from clients that do not ask for
    /// them: some of Grafana's cannot quote.
    func shows(labelName: String) -> Bool {
        guard !takesAnyLabelName else { return true }
        let isDigitFirst = labelName.utf8.first.map { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        return isDigitFirst == false
            && labelName.unicodeScalars.allSatisfy {
                $0 == "_"
                    || $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0))
            }
    }
}

extension Types_V1_ProfileType {
    init(_ type: ProfileModel.ProfileType) {
        self.init()
        id = type.id
        name = type.name
        sampleType = type.sampleType
        sampleUnit = type.sampleUnit
        periodType = type.periodType
        periodUnit = type.periodUnit
    }
}
