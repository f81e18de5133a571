/// Which process: a number alone is used again, and one process runs several programs.
package struct ProcessID: Hashable, Sendable {
    package let tgid: UInt32
    /// `start_boottime` in nanoseconds, as samples carry it. Exact from the first sample on, and
    /// never changed after that; an estimate before.
    package let start: UInt64
    /// How many times the process called `execve(2)` since we know it.
    package let generation: UInt32

    package init(tgid: UInt32, start: UInt64, generation: UInt32) {
        self.tgid = tgid
        self.start = start
        self.generation = generation
    }

    /// Tells processes apart nearly always: what a table's hash needs.
    package var word: UInt64 {
        start ^ (UInt64(tgid) << 32 | UInt64(generation)) &* 0x9e37_79b9_7f4a_7c15
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(word) }
}
