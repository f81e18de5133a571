package import ProfileModel

/// Matchers made ready to be asked of many series: expressions compiled once.
///
/// Beside a series' labels, matchers may name what Pyroscope derives from its profile type:
/// `__profile_type__` (the five-part id), `__name__`, `__type__`, `__unit__`, `__period_type__`,
/// `__period_unit__`. An absent label is the empty string, as in Prometheus.
struct LabelSelection: Sendable {
    private enum Test: Sendable {
        case equal(String)
        case notEqual(String)
        case matches(LabelPattern)
        case doesNotMatch(LabelPattern)

        func holds(_ value: String) -> Bool {
            switch self {
            case .equal(let wanted): value == wanted
            case .notEqual(let unwanted): value != unwanted
            case .matches(let pattern): pattern.matches(value)
            case .doesNotMatch(let pattern): !pattern.matches(value)
            }
        }
    }

    private let tests: [(name: String, test: Test)]
    /// Nil for every type.
    let type: ProfileType?

    /// Throws `.badMatcher` when an expression does not parse.
    init(_ matchers: [LabelMatcher], type: ProfileType? = nil) throws(StoreError) {
        var tests: [(String, Test)] = []
        for matcher in matchers {
            switch matcher.operation {
            case .equal: tests.append((matcher.name, .equal(matcher.value)))
            case .notEqual: tests.append((matcher.name, .notEqual(matcher.value)))
            case .matches:
                tests.append((matcher.name, .matches(try LabelPattern(matcher.value))))
            case .doesNotMatch:
                tests.append((matcher.name, .doesNotMatch(try LabelPattern(matcher.value))))
            }
        }
        self.tests = tests
        self.type = type
    }

    func contains(_ series: SeriesKey) -> Bool {
        if let type, type != series.type { return false }
        return tests.allSatisfy { $0.test.holds(series.value(of: $0.name) ?? "") }
    }
}

/// What makes a series: its labels and what it measures.
package struct SeriesKey: Hashable, Sendable {
    package let labels: LabelSet
    package let type: ProfileType

    package init(labels: LabelSet, type: ProfileType) {
        self.labels = labels
        self.type = type
    }

    /// The names Pyroscope derives from a profile type.
    package static let derivedNames = [
        "__name__", "__period_type__", "__period_unit__", "__profile_type__", "__type__",
        "__unit__",
    ]

    /// A label's value, or what the profile type says under Pyroscope's reserved names.
    package func value(of name: String) -> String? {
        switch name {
        case "__profile_type__": type.id
        case "__name__": type.name
        case "__type__": type.sampleType
        case "__unit__": type.sampleUnit
        case "__period_type__": type.periodType
        case "__period_unit__": type.periodUnit
        default: labels[name]
        }
    }
}
