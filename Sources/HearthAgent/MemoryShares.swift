/// How `memory-budget` is shared out among what grows with the machine. What is left is for the daemon's
/// own code, its rings, and the window under way.
struct MemoryShares {
    /// Unwind tables and process mappings, in BPF maps.
    let unwinding: Int
    /// Symbol tables.
    let symbols: Int
    /// The store's dictionaries of stacks.
    let dictionaries: Int
    /// Single samples that are not on disk yet.
    let recent: Int

    static let smallestBudget: Int64 = 32 << 20

    init(budget: Int64) {
        let budget = Int(clamping: max(budget, Self.smallestBudget))
        unwinding = budget / 3
        symbols = budget / 5
        dictionaries = budget / 8
        recent = budget / 24
    }
}
