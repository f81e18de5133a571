/// A parsed regular expression.
indirect enum PatternNode {
    case empty
    case character(CharacterClass)
    case assertion(PatternAssertion)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    /// `most` nil means without bound.
    case repetition(PatternNode, least: Int, most: Int?)
}

/// A condition on the place between two characters.
enum PatternAssertion {
    case textStart
    case textEnd
    case lineStart
    case lineEnd
    case wordBoundary
    case notWordBoundary

    func holds(between previous: Unicode.Scalar?, and next: Unicode.Scalar?) -> Bool {
        switch self {
        case .textStart: previous == nil
        case .textEnd: next == nil
        case .lineStart: previous == nil || previous == "\n"
        case .lineEnd: next == nil || next == "\n"
        case .wordBoundary: Self.isWord(previous) != Self.isWord(next)
        case .notWordBoundary: Self.isWord(previous) == Self.isWord(next)
        }
    }

    /// ASCII letters, digits and `_`, as RE2 has it.
    private static func isWord(_ scalar: Unicode.Scalar?) -> Bool {
        scalar.map { CharacterClass.word.contains($0) } ?? false
    }
}
