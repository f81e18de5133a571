import Synchronization

/// The partition files there are, which are open, and which series have data in which hour.
final class PartitionCatalog: Sendable {
    /// Series number to a bit per `PartitionLevel.activityUnit` of the partition.
    typealias Activity = [UInt32: UInt64]

    private struct Entry {
        var file: PartitionFile?
        /// Nil until the file was opened once.
        var activity: Activity?
        var lastUse: UInt64 = 0
    }

    private struct State {
        var entries: [PartitionID: Entry] = [:]
        var clock: UInt64 = 0
    }

    private let state: Mutex<State>
    private let openLimit: Int

    init(_ partitions: [PartitionID], openLimit: Int) {
        var entries: [PartitionID: Entry] = [:]
        for id in partitions { entries[id] = Entry() }
        state = Mutex(State(entries: entries))
        self.openLimit = max(openLimit, 1)
    }

    /// All partitions, in order.
    var all: [PartitionID] { state.withLock { $0.entries.keys.sorted() } }

    /// A level's partitions, in order of time; those that overlap `seconds` when given.
    func of(
        _ level: PartitionLevel, overlapping seconds: ClosedRange<Int64>? = nil
    ) -> [PartitionID] {
        all.filter { id in id.level == level && seconds.map { id.overlaps($0) } ?? true }
    }

    func contains(_ id: PartitionID) -> Bool { state.withLock { $0.entries[id] != nil } }

    /// The file, when it is open.
    func file(_ id: PartitionID) -> PartitionFile? {
        state.withLock { state in
            state.clock += 1
            state.entries[id]?.lastUse = state.clock
            return state.entries[id]?.file
        }
    }

    func activity(_ id: PartitionID) -> Activity? { state.withLock { $0.entries[id]?.activity } }

    /// Adds a file just opened; others not used for long close when nobody reads them any more.
    func insert(_ file: PartitionFile, activity: Activity) {
        // After the lock, since closing a file may write its log back.
        let surplus: [PartitionFile] = state.withLock { state in
            state.clock += 1
            state.entries[file.id] = Entry(
                file: file, activity: activity, lastUse: state.clock)
            return Self.takeSurplus(from: &state, limit: openLimit)
        }
        for file in surplus { file.retire() }
    }

    private static func takeSurplus(from state: inout State, limit: Int) -> [PartitionFile] {
        let open = state.entries.filter { $0.value.file != nil }
        guard open.count > limit else { return [] }
        let oldest = open.sorted { $0.value.lastUse < $1.value.lastUse }
        return oldest.prefix(open.count - limit).compactMap { id, entry in
            state.entries[id]?.file = nil
            return entry.file
        }
    }

    /// Adds hours with data.
    func note(_ activity: Activity, in id: PartitionID) {
        state.withLock { state in
            guard state.entries[id]?.activity != nil else { return }
            for (series, hours) in activity {
                state.entries[id]?.activity?[series, default: 0] |= hours
            }
        }
    }

    /// Forgets what is known of a file's content, which changed behind our back.
    func forgetContent(of id: PartitionID) {
        state.withLock { state in
            guard state.entries[id] != nil else { return }
            state.entries[id] = Entry()
        }
    }

    /// Takes the partition out; gives the file when it was open.
    func remove(_ id: PartitionID) -> PartitionFile? {
        state.withLock { $0.entries.removeValue(forKey: id)?.file }
    }
}
