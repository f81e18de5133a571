/// What a store holds and what it takes.
package struct StoreStatistics: Sendable {
    package struct File: Sendable {
        package enum Level: String, Sendable { case raw, hourly }

        /// In the data directory.
        package let name: String
        package let level: Level
        /// The first second the file covers, and how many it covers.
        package let start: Int64
        package let seconds: Int64
        /// The first and the last second at which a window starts; nil when there is none.
        package internal(set) var windowBounds: ClosedRange<Int64>?
        /// Disk blocks allocated, write-ahead log included.
        package internal(set) var bytes: Int64 = 0
        package internal(set) var series = 0
        /// Windows as they were written, or roll-ups of hours.
        package internal(set) var windows: Int64 = 0
        /// (stack, value) pairs in them.
        package internal(set) var pairs: Int64 = 0
        /// Of blobs alone, without SQLite's pages around them.
        package internal(set) var windowBytes: Int64 = 0
        package internal(set) var totalsBytes: Int64 = 0
        package internal(set) var dictionaryBytes: Int64 = 0
        package internal(set) var stacks: Int64 = 0
        package internal(set) var locations: Int64 = 0
        /// Functions that the file's locations refer to.
        package internal(set) var functions: Int64 = 0
        /// Hours with a roll-up: of a raw file those that have a true one, of an hourly file the whole.
        package internal(set) var rolledUpHours = 0
        /// Rows that could not be read and are in no figure.
        package internal(set) var damagedRows = 0
        /// Why the file could not be read at all.
        package internal(set) var problem: String?
    }

    /// In order of level, then of time.
    package internal(set) var files: [File] = []
    package internal(set) var series = 0
    /// Disk blocks of all files, `meta.db` and those set aside included.
    package internal(set) var bytes: Int64 = 0
    package internal(set) var filesSetAside = 0

    /// Pairs of windows as they were written.
    package var rawPairs: Int64 { pairs(.raw) }
    package var hourlyPairs: Int64 { pairs(.hourly) }

    /// All bytes, roll-ups and dictionaries included, per pair written; nil when there is none. Says
    /// little once raw files are gone whose roll-ups are kept.
    package var bytesPerPair: Double? {
        rawPairs > 0 ? Double(bytes) / Double(rawPairs) : nil
    }

    private func pairs(_ level: File.Level) -> Int64 {
        files.reduce(0) { $0 + ($1.level == level ? $1.pairs : 0) }
    }
}
