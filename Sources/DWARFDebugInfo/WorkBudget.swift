/// How much one question may cost, whatever the bytes are: every loop over them spends of it.
struct WorkBudget: Sendable {
    private var left = Self.perQuestion
    /// Of all questions so far.
    private(set) var total: UInt64 = 0

    /// Entries, rows and list elements; under a second. The largest units of real programs take a
    /// quarter of it.
    static let perQuestion = 64 << 20

    /// To be called before each question.
    mutating func renew() { left = Self.perQuestion }

    mutating func spend(
        _ count: Int = 1, in section: DebugSection, at offset: UInt64
    ) throws(DWARFError) {
        left -= min(max(count, 1), Self.perQuestion + 1)
        total &+= UInt64(max(count, 1))
        guard left >= 0 else { throw DWARFError(.tooMuchWork, in: section, at: offset) }
    }
}
