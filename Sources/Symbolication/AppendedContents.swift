/// What is read piece by piece from a file that somebody else writes to its end.
protocol AppendedContents: Sendable {
    init()

    /// Reads on. A piece may end anywhere; the next one begins there.
    mutating func append(_ bytes: RawSpan)
}
