/// What the unwinder did so far (monotonic), and what it holds now.
package struct UnwindingCounters: Sendable {
    /// Stack copies unwound in user space.
    package var unwound: UInt64 = 0
    /// Times a process's mappings were handed to BPF.
    package var published: UInt64 = 0
    /// Times a process was made known before its sample's turn came.
    package var introduced: UInt64 = 0
    /// Times a process could not be handed to BPF for want of room.
    package var refusedProcesses: UInt64 = 0
    /// Processes BPF knows now.
    package var knownProcesses = 0
    package var tables = 0
    package var tableBytes = 0
    package var loaded: UInt64 = 0
    package var evicted: UInt64 = 0
    /// Spent reading files and building tables.
    package var loadNanoseconds: UInt64 = 0
    /// What the arena takes of memory, and may take.
    package var arenaBytes = 0
    package var arenaLimit = 0
    /// Times an image got no table, by reason.
    package var imagesWithout: [(reason: String, meaning: String, count: UInt64)] = []

    package init() {}
}
