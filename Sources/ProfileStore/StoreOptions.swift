import ProfileModel

/// How an embedded store behaves.
package struct StoreOptions: Sendable {
    /// Free space of the file system, in bytes, below which nothing is written.
    package var spaceFloor: Int64
    /// Dictionaries kept in memory, in bytes.
    package var dictionaryMemory: Int
    /// Partition files open at once, besides those a query or write is using.
    package var openPartitions: Int
    package var retention: RetentionPolicy
    /// How long after an hour's end it is rolled up, in seconds: what comes later than that makes the
    /// series it touches be rolled up again.
    package var rollUpDelay: Int64

    package init(
        spaceFloor: Int64 = 64 << 20, dictionaryMemory: Int = 64 << 20, openPartitions: Int = 6,
        retention: RetentionPolicy = RetentionPolicy(), rollUpDelay: Int64 = 120
    ) {
        self.spaceFloor = spaceFloor
        self.dictionaryMemory = dictionaryMemory
        self.openPartitions = openPartitions
        self.retention = retention
        self.rollUpDelay = rollUpDelay
    }
}

/// How much is kept; whichever bound is reached first holds.
package struct RetentionPolicy: Sendable, Hashable {
    /// Windows as they were written: partitions that ended longer ago are removed.
    package var maximumAge: Duration
    /// Hours rolled up: partitions that ended longer ago are removed.
    package var maximumHourlyAge: Duration
    /// Disk blocks allocated, in bytes; nil means a tenth of the file system, at most 2 GiB.
    package var maximumBytes: Int64?

    package init(
        maximumAge: Duration = .seconds(7 * 24 * 3600),
        maximumHourlyAge: Duration = .seconds(90 * 24 * 3600), maximumBytes: Int64? = nil
    ) {
        self.maximumAge = maximumAge
        self.maximumHourlyAge = maximumHourlyAge
        self.maximumBytes = maximumBytes
    }

    func isOver(_ partition: PartitionID, now: Timestamp) -> Bool {
        partition.last < horizon(partition.level, now: now)
    }

    /// Partitions that end before this second are too old.
    func horizon(_ level: PartitionLevel, now: Timestamp) -> Int64 {
        let age = level == .raw ? maximumAge : maximumHourlyAge
        return StoredSecond.of(now).subtractingReportingOverflow(age.components.seconds)
            .partialValue
    }
}
