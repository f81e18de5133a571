import ProfileModel
import Synchronization

/// What the writer and the queries of one embedded store share.
final class StoreState: Sendable {
    struct Health: Sendable {
        var problem: String?
        var pairsWritten: Int64 = 0
        var damagedPartitions = 0
        var damagedRows = 0
        /// Hours known to have no true roll-up, the one under way included.
        var hoursToRollUp = 0
        /// The first and last second with a window.
        var bounds: ClosedRange<Int64>?
        var isClosed = false
    }

    let directory: StoreDirectory
    let index: Mutex<SeriesIndex>
    let partitions: PartitionCatalog
    let dictionaries: DictionaryCache
    let rollUpDelay: Int64
    let health = Mutex(Health())

    init(
        directory: StoreDirectory, index: SeriesIndex, partitions: PartitionCatalog,
        dictionaries: DictionaryCache, rollUpDelay: Int64
    ) {
        self.directory = directory
        self.index = Mutex(index)
        self.partitions = partitions
        self.dictionaries = dictionaries
        self.rollUpDelay = rollUpDelay
    }

    func checkOpen() throws(StoreError) {
        guard !health.withLock({ $0.isClosed }) else {
            throw StoreError(.closed, "the store in \(directory.path) is closed")
        }
    }

    func noteDamagedRow() { health.withLock { $0.damagedRows += 1 } }

    func select(_ selection: LabelSelection) -> [SeriesIndex.Series] {
        // A copy of the index shares its storage, so the lock is not held while matching.
        index.withLock { $0 }.select(selection)
    }
}
