import Synchronization

/// The partition files there are, which are open, and which series have data in which hour.
final class PartitionCatalog: Sendable {
    /// Series number to a bit per hour of the partition.
    typealias Activity = [UInt32: UInt64]

    private struct Entry {
        var file: PartitionFile?
        /// Nil until the file was opened once.
        var activity: Activity?
        var lastUse: UInt64 = 0
    }

    private struct State {
        var entries: [Int64: Entry] = [:]
        var clock: UInt64 = 0
    }

    private let state: Mutex<State>
    private let openLimit: Int

    init(starts: [Int64], openLimit: Int) {
        var entries: [Int64: Entry] = [:]
        for start in starts { entries[start] = Entry() }
        state = Mutex(State(entries: entries))
        self.openLimit = max(openLimit, 1)
    }

    var count: Int { state.withLock { $0.entries.count } }

    /// The starts of all partitions, in order; of those that overlap `seconds` when given.
    func starts(overlapping seconds: ClosedRange<Int64>? = nil) -> [Int64] {
        let all = state.withLock { $0.entries.keys.sorted() }
        guard let seconds else { return all }
        return all.filter {
            $0 <= seconds.upperBound && $0 + StoredSecond.partitionLength > seconds.lowerBound
        }
    }

    func contains(_ start: Int64) -> Bool { state.withLock { $0.entries[start] != nil } }

    /// The file, when it is open.
    func file(_ start: Int64) -> PartitionFile? {
        state.withLock { state in
            state.clock += 1
            state.entries[start]?.lastUse = state.clock
            return state.entries[start]?.file
        }
    }

    func activity(_ start: Int64) -> Activity? { state.withLock { $0.entries[start]?.activity } }

    /// Adds a file just opened; others not used for long close when nobody reads them any more.
    func insert(_ file: PartitionFile, activity: Activity) {
        // Kept until after the lock, since closing a file may write its log back.
        let closing: [PartitionFile] = state.withLock { state in
            state.clock += 1
            state.entries[file.start] = Entry(
                file: file, activity: activity, lastUse: state.clock)
            return Self.takeSurplus(from: &state, limit: openLimit)
        }
        _ = closing
    }

    private static func takeSurplus(from state: inout State, limit: Int) -> [PartitionFile] {
        let open = state.entries.filter { $0.value.file != nil }
        guard open.count > limit else { return [] }
        let oldest = open.sorted { $0.value.lastUse < $1.value.lastUse }
        return oldest.prefix(open.count - limit).compactMap { start, entry in
            state.entries[start]?.file = nil
            return entry.file
        }
    }

    /// Adds hours with data.
    func note(_ activity: Activity, in start: Int64) {
        state.withLock { state in
            guard state.entries[start]?.activity != nil else { return }
            for (series, hours) in activity {
                state.entries[start]?.activity?[series, default: 0] |= hours
            }
        }
    }

    /// Forgets what is known of a file's content, which changed behind our back.
    func forgetContent(of start: Int64) {
        state.withLock { state in
            guard state.entries[start] != nil else { return }
            state.entries[start] = Entry()
        }
    }

    /// Takes the partition out; gives the file when it was open.
    func remove(_ start: Int64) -> PartitionFile? {
        state.withLock { $0.entries.removeValue(forKey: start)?.file }
    }
}
