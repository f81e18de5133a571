package import ProfileModel

/// What the ring holds now, and what it no longer has.
package struct RecentHoldings: Sendable, Hashable {
    /// Why samples are not held.
    package enum DropReason: String, CaseIterable, Sendable {
        /// Older than they are kept.
        case age
        /// Newer ones needed the room.
        case bytes
        /// Their window had more than may be kept by themselves.
        case window
        /// Their chapter could not be written.
        case file

        /// One phrase for people.
        package var meaning: String {
            switch self {
            case .age: "older than recent-span"
            case .bytes: "recent-bytes were needed for newer ones"
            case .window: "the window had too many to keep each by itself"
            case .file: "they could not be written to the data directory"
            }
        }
    }

    package var samples = 0
    package var chapters = 0
    /// On disk and in memory.
    package var bytes = 0
    /// In memory alone.
    package var memoryBytes = 0
    /// When the oldest window began; nil while nothing is held.
    package var start: Timestamp?
    /// When the newest window ended.
    package var end: Timestamp?
    /// Samples from before this were held and are not any more.
    package var droppedUntil: Timestamp?
    package var dropped: [DropReason: UInt64] = [:]

    package init() {}
}
