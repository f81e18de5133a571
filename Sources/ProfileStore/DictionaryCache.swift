import Synchronization

/// Dictionaries in memory, least recently used first out, bounded in bytes.
///
/// The writer puts a dictionary here *before* it commits what it added, and a query asks only after
/// its snapshot began: so a dictionary found here knows every stack the snapshot can name. What a
/// query itself read from its snapshot may be older than that; `epoch` tells, see `insert`.
final class DictionaryCache: Sendable {
    struct Key: Hashable {
        let partition: PartitionID
        /// 0 for the partition's symbols: services are numbered from 1.
        let service: UInt32
    }

    private enum Held {
        case service(ServiceDictionary)
        case symbols(SymbolDictionary)

        var footprint: Int {
            switch self {
            case .service(let dictionary): dictionary.withContent { $0.footprint }
            case .symbols(let dictionary): dictionary.withContent { $0.footprint }
            }
        }
    }

    private struct Entry {
        let held: Held
        var footprint: Int
        var lastUse: UInt64
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var footprint = 0
        var clock: UInt64 = 0
        /// Odd while the writer is between its first change and the end of its commit.
        var epoch: UInt64 = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    /// `limit` in bytes; the dictionaries one write touches are held beyond it if they must.
    init(limit: Int) { self.limit = limit }

    /// Changes with every write; odd while one is under way.
    var epoch: UInt64 { state.withLock { $0.epoch } }

    var footprint: Int { state.withLock { $0.footprint } }

    func find(_ key: Key) -> ServiceDictionary? {
        if case .service(let dictionary) = held(key) { return dictionary }
        return nil
    }

    /// The symbols of a partition.
    func findSymbols(_ partition: PartitionID) -> SymbolDictionary? {
        if case .symbols(let symbols) = held(Key(partition: partition, service: 0)) {
            return symbols
        }
        return nil
    }

    private func held(_ key: Key) -> Held? {
        state.withLock { state in
            state.clock += 1
            state.entries[key]?.lastUse = state.clock
            return state.entries[key]?.held
        }
    }

    /// Keeps what a query read from its snapshot, unless a write happened since the query asked for
    /// `epoch`, before its snapshot began: then it may lack what that write added.
    func insert(_ dictionary: ServiceDictionary, for key: Key, readAt epoch: UInt64) {
        insert(.service(dictionary), for: key, readAt: epoch)
    }

    /// As `insert(_:for:readAt:)`.
    func insertSymbols(_ symbols: SymbolDictionary, of partition: PartitionID, readAt epoch: UInt64)
    {
        insert(.symbols(symbols), for: Key(partition: partition, service: 0), readAt: epoch)
    }

    private func insert(_ held: Held, for key: Key, readAt epoch: UInt64) {
        let footprint = held.footprint
        state.withLock { state in
            guard epoch % 2 == 0, state.epoch == epoch, state.entries[key] == nil else { return }
            Self.put(held, footprint: footprint, for: key, in: &state)
            shrink(&state)
        }
    }

    // MARK: The writer's side

    func beginWrite() { state.withLock { $0.epoch |= 1 } }

    /// Keeps a dictionary the writer is about to add to or has added to.
    func publish(_ dictionary: ServiceDictionary, for key: Key) {
        publish(.service(dictionary), for: key)
    }

    /// As `publish(_:for:)`.
    func publishSymbols(_ symbols: SymbolDictionary, of partition: PartitionID) {
        publish(.symbols(symbols), for: Key(partition: partition, service: 0))
    }

    private func publish(_ held: Held, for key: Key) {
        let footprint = held.footprint
        state.withLock { Self.put(held, footprint: footprint, for: key, in: &$0) }
    }

    /// Ends a write; `failed` are keys whose dictionaries hold what was not committed.
    func endWrite(failed: [Key] = []) {
        state.withLock { state in
            for key in failed { Self.remove(key, from: &state) }
            state.epoch = (state.epoch | 1) &+ 1
            shrink(&state)
        }
    }

    /// For a file that is gone or was changed other than by adding to dictionaries kept here.
    func removeAll(ofPartition partition: PartitionID) {
        state.withLock { state in
            for key in Array(state.entries.keys) where key.partition == partition {
                Self.remove(key, from: &state)
            }
            // What a query is reading from the file as it was must not come in; parity stays.
            state.epoch &+= 2
        }
    }

    private static func put(
        _ held: Held, footprint: Int, for key: Key, in state: inout State
    ) {
        remove(key, from: &state)
        state.clock += 1
        state.entries[key] = Entry(held: held, footprint: footprint, lastUse: state.clock)
        state.footprint += footprint
    }

    private static func remove(_ key: Key, from state: inout State) {
        guard let entry = state.entries.removeValue(forKey: key) else { return }
        state.footprint -= entry.footprint
    }

    /// Drops old entries down to three quarters of the limit, so that sorting them is rare.
    private func shrink(_ state: inout State) {
        guard state.footprint > limit else { return }
        for (key, _) in state.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            guard state.footprint > limit / 4 * 3 else { break }
            Self.remove(key, from: &state)
        }
    }
}
