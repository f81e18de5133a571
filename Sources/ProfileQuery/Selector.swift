package import ProfileModel
package import ProfileStore

/// What a query is about: a profile type and conditions on labels.
package struct Selector: Hashable, Sendable {
    /// From in front of the braces, or from a `__profile_type__="…"` condition; nil when neither is there.
    package let type: ProfileType?
    /// All must hold.
    package let matchers: [LabelMatcher]

    package init(type: ProfileType?, matchers: [LabelMatcher]) {
        self.type = type
        self.matchers = matchers
    }

    /// Reads `type{name="value",…}`, a Prometheus vector selector whose metric name is a profile
    /// type's five-part id; either half may be absent.
    ///
    /// Throws `.invalid` with the position and what was expected there.
    package init(_ text: String, parameter: String = "query") throws(QueryError) {
        var parser = SelectorParser(text, parameter: parameter)
        self = try parser.parse()
    }
}
