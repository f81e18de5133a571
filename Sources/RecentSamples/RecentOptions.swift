/// How much is kept of single samples.
package struct RecentOptions: Sendable, Hashable {
    /// Samples that are older than this go, in milliseconds.
    package var spanMilliseconds: Int64
    /// What files and the open chapter may take together; the oldest samples go first.
    package var byteLimit: Int
    /// What the open chapter may take in memory, beside one window.
    package var memoryLimit: Int

    package init(
        spanMilliseconds: Int64 = 3_600_000, byteLimit: Int = 16 << 20, memoryLimit: Int = 4 << 20
    ) {
        self.spanMilliseconds = spanMilliseconds
        self.byteLimit = byteLimit
        self.memoryLimit = memoryLimit
    }

    /// How long a chapter is at most: a quarter of an hour of an hour. Longer ones keep a name fewer
    /// times, shorter ones go more evenly.
    var chapterMilliseconds: Int64 { max(spanMilliseconds / 4, 1000) }

    /// What a chapter may have in its file, so that what has to make room is never all there is.
    var chapterBytes: Int { byteLimit / 4 }

    /// When what is in memory is written.
    var partBytes: Int { min(memoryLimit / 2, byteLimit / 8) }

    /// When a chapter ends for what of its dictionary stays in memory.
    var lastingBytes: Int { memoryLimit / 2 }

    /// Every chapter is an open file.
    static let chapterLimit = 128
}
