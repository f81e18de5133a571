package import ProfileModel

/// Matchers made ready to be asked of labels that are in no store; the same rules hold.
package struct LabelConditions: Sendable {
    private let selection: LabelSelection

    /// Throws `.badMatcher` when an expression does not parse.
    package init(_ matchers: [LabelMatcher]) throws(StoreError) {
        selection = try LabelSelection(matchers)
    }

    /// Whether all hold of a series with these labels and of this type.
    package func hold(of labels: LabelSet, type: ProfileType) -> Bool {
        selection.contains(SeriesKey(labels: labels, type: type))
    }
}
