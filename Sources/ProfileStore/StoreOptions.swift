/// How an embedded store behaves.
package struct StoreOptions: Sendable {
    /// Free space of the file system, in bytes, below which nothing is written.
    package var spaceFloor: Int64
    /// Dictionaries kept in memory, in bytes.
    package var dictionaryMemory: Int
    /// Partition files open at once, besides those a query or write is using.
    package var openPartitions: Int
    package var retention: RetentionPolicy

    package init(
        spaceFloor: Int64 = 64 << 20, dictionaryMemory: Int = 64 << 20, openPartitions: Int = 6,
        retention: RetentionPolicy = RetentionPolicy()
    ) {
        self.spaceFloor = spaceFloor
        self.dictionaryMemory = dictionaryMemory
        self.openPartitions = openPartitions
        self.retention = retention
    }
}

/// How much is kept; whichever bound is reached first holds.
package struct RetentionPolicy: Sendable, Hashable {
    /// Partitions that ended longer ago are removed.
    package var maximumAge: Duration
    /// Disk blocks allocated, in bytes; nil means a tenth of the file system, at most 2 GiB.
    package var maximumBytes: Int64?

    package init(maximumAge: Duration = .seconds(7 * 24 * 3600), maximumBytes: Int64? = nil) {
        self.maximumAge = maximumAge
        self.maximumBytes = maximumBytes
    }
}
