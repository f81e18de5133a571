package import ProfileModel

/// What a node of a call tree stands for: frames of equal name and kind are one.
package struct FrameName: Hashable, Comparable, Sendable {
    package let text: String
    package let kind: FrameKind

    package init(_ text: String, kind: FrameKind) {
        self.text = text
        self.kind = kind
    }

    /// By bytes, as Pyroscope orders siblings.
    package static func < (left: Self, right: Self) -> Bool {
        if left.text != right.text {
            return left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
        }
        return left.kind.rawValue < right.kind.rawValue
    }
}

extension Location {
    /// One name per line, outermost function first: the order of a path from the root.
    var frameNames: [FrameName] { names.reversed().map { FrameName($0, kind: kind) } }
}
