/// How finely a partition file keeps time.
enum PartitionLevel: UInt8, Sendable, CaseIterable {
    /// Windows as they were written.
    case raw
    /// One window per hour, made from the raw ones.
    case hourly

    /// How many seconds one file covers, aligned in UTC. One hourly file covers whole raw files.
    var length: Int64 {
        switch self {
        case .raw: StoredSecond.partitionLength
        case .hourly: 7 * 24 * 3600
        }
    }

    /// The seconds that one bit of a series' activity stands for: a file has at most 64 of them.
    var activityUnit: Int64 {
        switch self {
        case .raw: StoredSecond.hour
        case .hourly: 3 * StoredSecond.hour
        }
    }

    /// What file names begin with.
    var prefix: String {
        switch self {
        case .raw: "raw-"
        case .hourly: "hour-"
        }
    }
}

/// Names one partition file.
struct PartitionID: Hashable, Sendable {
    let level: PartitionLevel
    /// The first second it covers.
    let start: Int64

    init(_ level: PartitionLevel, start: Int64) {
        self.level = level
        self.start = start
    }

    /// The partition a second lies in.
    init(_ level: PartitionLevel, of second: Int64) {
        self.init(level, start: second - second % level.length)
    }

    /// Nil when no file we write is called so.
    init?(fileName: String) {
        for level in PartitionLevel.allCases where fileName.hasPrefix(level.prefix) {
            guard fileName.hasSuffix(".db"),
                let start = Int64(fileName.dropFirst(level.prefix.count).dropLast(3)),
                start >= 0, start % level.length == 0
            else { return nil }
            self.init(level, start: start)
            return
        }
        return nil
    }

    static func raw(_ start: Int64) -> PartitionID { PartitionID(.raw, start: start) }

    var fileName: String { "\(level.prefix)\(start).db" }

    var last: Int64 { start + level.length - 1 }

    /// The hours it covers, counted since 1970.
    var hours: Range<Int64> { start / StoredSecond.hour..<(last + 1) / StoredSecond.hour }

    /// The part of a range, which must overlap, that lies in the partition.
    func clamp(_ seconds: ClosedRange<Int64>) -> ClosedRange<Int64> {
        seconds.clamped(to: start...last)
    }

    func overlaps(_ seconds: ClosedRange<Int64>) -> Bool {
        start <= seconds.upperBound && last >= seconds.lowerBound
    }

    /// The bit of a series' activity that an hour sets.
    func activityBit(ofHour hour: Int64) -> UInt64 {
        1 << UInt64((hour * StoredSecond.hour - start) / level.activityUnit)
    }
}

extension PartitionID: Comparable {
    /// By what ends first: the order in which retention removes.
    static func < (one: PartitionID, other: PartitionID) -> Bool {
        (one.last, one.start) < (other.last, other.start)
    }
}
