import LinuxSystem
import ProfileModel
import ProfileStore

/// The chapter that takes windows in: a part in memory, and those before it in its file.
struct OpenChapter: Sendable {
    /// When it was begun: the first window's start.
    let start: Timestamp
    private var written: [RecentPart] = []
    private var file: ChapterFile?
    private(set) var byteCount = 0
    private var part = OpenPart()
    private var dictionary = ChapterDictionary()

    init(start: Timestamp) { self.start = start }

    /// Memory held, in bytes.
    var footprint: Int { part.footprint + dictionary.footprint }
    /// On disk and in memory.
    var totalBytes: Int { byteCount + footprint }
    /// Memory that writing does not free.
    var lastingFootprint: Int { dictionary.lastingFootprint }

    mutating func add(_ window: RecentWindow, _ codec: borrowing ZstdCodec) {
        guard !window.samples.isEmpty else { return }
        part.add(window, stacks: dictionary.intern(window.table), codec)
    }

    /// Writes what is in memory. When this throws the chapter is of no more use.
    mutating func write(
        in directory: String, _ codec: borrowing ZstdCodec
    ) throws(SystemCallError) {
        guard !part.segments.isEmpty else { return }
        var bytes = part.packed
        func append(_ more: [UInt8]) -> Range<Int> {
            bytes += more
            return byteCount + bytes.count - more.count..<byteCount + bytes.count
        }
        let place = RecentPart.Place(
            samples: byteCount, threads: append(part.threads.packed(codec)),
            stacks: append(dictionary.packedStacks(codec)),
            locations: append(dictionary.packedLocations(codec)),
            symbols: append(dictionary.packedSymbols(codec)))
        let file = if let file { file } else { try ChapterFile(in: directory) }
        try file.write(bytes, at: byteCount)
        written.append(
            RecentPart(
                segments: part.segments, news: dictionary.news, content: .written(file, place)))
        self.file = file
        byteCount += bytes.count
        part = OpenPart()
        dictionary.beginPart()
    }

    /// What is left of it when all of it is written and nothing more comes.
    var sealed: RecentChapter { RecentChapter(parts: written, byteCount: byteCount) }

    /// As queries see it.
    var chapter: RecentChapter {
        guard !part.segments.isEmpty else {
            return RecentChapter(parts: written, byteCount: totalBytes)
        }
        let open = RecentPart(
            segments: part.segments, news: dictionary.news, content: .open(part, dictionary))
        return RecentChapter(parts: written + [open], byteCount: totalBytes)
    }
}
