import ProfileModel
import ProfileQuery
import ProfileStore
import PyroscopeAPI
import SwiftProtobuf

/// Answers `querier.v1.QuerierService` from a query engine. Fields are checked here, named in errors as
/// the .proto files name them.
struct Querier: Sendable {
    let engine: QueryEngine

    /// From a call about labels and types: nil, which means ever, for 0 and 0.
    static func metadataRange(_ start: Int64, _ end: Int64) throws(ConnectError) -> TimeRange? {
        start == 0 && end == 0 ? nil : try range(start, end)
    }

    /// From a call for data, where a range left out is a mistake.
    static func dataRange(_ start: Int64, _ end: Int64) throws(ConnectError) -> TimeRange {
        guard start != 0 || end != 0 else {
            throw .invalid("start and end are missing: Unix time in milliseconds")
        }
        return try range(start, end)
    }

    private static func range(_ start: Int64, _ end: Int64) throws(ConnectError) -> TimeRange {
        guard let range = TimeRange(Timestamp(milliseconds: start), Timestamp(milliseconds: end))
        else { throw .invalid("start (\(start)) lies after end (\(end))") }
        return range
    }

    /// A five-part id; a sixth part, `delta`, says nothing any more.
    static func type(_ id: String) throws(ConnectError) -> ProfileType {
        let suffix = ":delta"
        let isLong = id.hasSuffix(suffix) && id.utf8.count { $0 == UInt8(ascii: ":") } == 5
        guard let type = ProfileType(id: isLong ? id.dropLast(suffix.count) : id[...]) else {
            throw .invalid(
                "profile_typeID \(quoted(id)) is no profile type: five parts like "
                    + ProfileType.cpu.id)
        }
        return type
    }

    /// A `label_selector` for profiles of a type; an empty one selects all of them.
    static func selector(_ text: String, _ type: ProfileType) throws -> Selector {
        let parsed = try selector(text, parameter: "label_selector")
        return Selector(type: type, matchers: parsed)
    }

    /// The selectors of a call about labels, of which a series has to match any.
    static func selectors(_ texts: [String]) throws -> [Selector] {
        try texts.map {
            Selector(type: nil, matchers: try selector($0, parameter: "matchers"))
        }
    }

    /// All conditions, one on the type included. Prometheus' grammar lets a metric's name, here the
    /// first part of a type, stand before the braces.
    private static func selector(_ text: String, parameter: String) throws -> [LabelMatcher] {
        let text = text.isEmpty ? "{}" : text
        let name = text.prefix { $0 != "{" }.trimmingPrefix { $0.isWhitespace }
        let metric = name.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        if !metric.isEmpty, name.dropFirst(metric.count).allSatisfy(\.isWhitespace) {
            let braces = text.drop { $0 != "{" }
            let rest = try Selector(braces.isEmpty ? "{}" : String(braces), parameter: parameter)
            return rest.matchers + [LabelMatcher("__name__", .equal, String(metric))]
        }
        let parsed = try Selector(text, parameter: parameter)
        guard let type = parsed.type else { return parsed.matchers }
        return parsed.matchers + [LabelMatcher("__profile_type__", .equal, type.id)]
    }
}

extension LabelSet {
    var pairs: [Types_V1_LabelPair] {
        labels.map { label in
            .with {
                $0.name = label.name
                $0.value = label.value
            }
        }
    }
}
