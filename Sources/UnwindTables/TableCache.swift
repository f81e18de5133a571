import ELFImage
import ImageFiles
import LinuxSystem
import ProfileModel
import Unwinding

/// The unwind tables of images: read from their files when first asked for, kept in the arena until
/// the room is needed for others.
struct TableCache: ~Copyable {
    /// What became of an image.
    enum Entry {
        case table(LoadedImage)
        /// The loader is building it.
        case loading
        /// There is none; not asked for again before `until` (CLOCK_MONOTONIC, nanoseconds).
        case bare(until: UInt64)
    }

    /// A table, and how its image lies in its file.
    struct LoadedImage {
        let table: ArenaTable
        let segments: [ProgramHeader]
        /// `ImageFile.mark`
        let mark: (address: ImageAddress, value: UInt64)?
    }

    private var entries: [MappedImage: Entry] = [:]
    /// Images whose mappings tell different things of one file share its table.
    private var images: [BuildID: MappedImage] = [:]
    private var counts = UnwindingCounters()
    /// Why images have no table.
    private var without: [Reason: UInt64] = [:]

    private enum Reason: Hashable {
        case unreadable(ImageError)
        case silent
        case noRoom

        var label: String {
            switch self {
            case .unreadable(let error): error.rawValue
            case .silent: "no-unwind-information"
            case .noRoom: "no-room"
            }
        }

        var meaning: String {
            switch self {
            case .unreadable(.notFound): "no path led to the file"
            case .unreadable(.otherFile): "another file has taken its place"
            case .unreadable(.notRegular): "not a regular file"
            case .unreadable: "the file cannot be read or understood"
            case .silent: "the file does not say how to unwind its code"
            case .noRoom: "its table had no room within memory-budget"
            }
        }
    }

    /// Adds what is known here.
    func count(into counters: inout UnwindingCounters) {
        counters.tables = counts.tables
        counters.tableBytes = counts.tableBytes
        counters.loaded = counts.loaded
        counters.evicted = counts.evicted
        counters.loadNanoseconds = counts.loadNanoseconds
        counters.imagesWithout = without.map { ($0.key.label, $0.key.meaning, $0.value) }
            .sorted { $0.0 < $1.0 }
    }

    /// Sections of this many bytes make a table in some milliseconds.
    private static let smallSections: UInt64 = 1 << 20
    private static let imageLimit = 16_384
    /// A file that could not be read is tried again after this long, nanoseconds.
    private static let retryAfter: UInt64 = 30_000_000_000
    /// So is a table that had no room: what is there may have gone out of use.
    private static let roomAfter: UInt64 = 10_000_000_000

    /// What is known of an image; nil when it has to be loaded first.
    func entry(of image: MappedImage, at now: UInt64) -> Entry? {
        switch entries[image] {
        case .bare(let until) where until <= now: nil
        case let entry: entry
        }
    }

    /// Whether the loader is building the image's table.
    func isLoading(_ image: MappedImage) -> Bool {
        if case .loading = entries[image] { true } else { false }
    }

    /// Frees about so many bytes of the arena; false when it cannot.
    typealias MakeRoom = (inout TableCache, inout UnwindArena, Int) -> Bool

    /// Opens the image's file, and puts its table into the arena: at once when it is small, else when
    /// `loader` has built it.
    mutating func load(
        _ image: MappedImage, process: UInt32, into arena: inout UnwindArena,
        by loader: TableLoader?, at now: UInt64, makeRoom: MakeRoom
    ) {
        guard !isLoading(image) else { return }  // asking again would open and build it again
        if entries.count >= Self.imageLimit { forgetBare() }
        guard Self.hasFile(image) else {
            entries[image] = .bare(until: .max)  // Code that a runtime made: it has no rows.
            return
        }
        do {
            let open = TableLoader.OpenImage(image, file: try Self.open(image, process: process))
            let buildID = image.buildID ?? open.file.buildID()
            if let buildID, let known = images[buildID], let entry = entries[known] {
                entries[image] = entry
                return
            }
            if let loader, open.file.unwindBytes > Self.smallSections {
                entries[image] = .loading
                loader.ask(for: open)
            } else {
                place(TableLoader.build(open), into: &arena, at: now, makeRoom: makeRoom)
            }
        } catch {
            without[.unreadable(error), default: 0] += 1
            entries[image] = .bare(until: now + Self.retryAfter)
        }
    }

    /// Puts a table that was built into the arena.
    mutating func place(
        _ result: TableLoader.Result, into arena: inout UnwindArena, at now: UInt64,
        makeRoom: MakeRoom
    ) {
        let image = result.open.image
        counts.loadNanoseconds += result.nanoseconds
        switch result.table {
        case .failure(let error):
            without[.unreadable(error), default: 0] += 1
            entries[image] = .bare(until: now + Self.retryAfter)
        case .success(nil):
            without[.silent, default: 0] += 1
            entries[image] = .bare(until: .max)
        case .success(let table?):
            var placed = ArenaTable(table, in: &arena)
            if placed == nil, makeRoom(&self, &arena, table.byteCount + table.pages.count * 16) {
                placed = ArenaTable(table, in: &arena)
            }
            guard let placed else {
                without[.noRoom, default: 0] += 1
                entries[image] = .bare(until: now + Self.roomAfter)
                return
            }
            counts.loaded += 1
            counts.tableBytes += placed.byteCount
            counts.tables += 1
            let loaded = LoadedImage(
                table: placed, segments: result.open.file.segments, mark: result.open.file.mark())
            entries[image] = .table(loaded)
            if let buildID = image.buildID ?? result.open.file.buildID() { images[buildID] = image }
        }
    }

    private mutating func forgetBare() {
        entries = entries.filter {
            if case .bare = $0.value { false } else { true }
        }
    }

    /// Directory blocks of the tables that were used longest ago, until they hold `byteCount`; those
    /// used since `recent` (units of 2^USED_SHIFT ns) are spared.
    func oldest(
        holding byteCount: Int, sparing recent: UInt32, in arena: borrowing UnwindArena
    ) -> Set<UInt32> {
        var ages: [UInt32: (lastUsed: UInt32, byteCount: Int)] = [:]
        for case .table(let image) in entries.values {
            ages[image.table.directory.reference] = (
                image.table.lastUsed(in: arena), image.table.byteCount
            )
        }
        var chosen: Set<UInt32> = []
        var sum = 0
        for (directory, age) in ages.sorted(by: { $0.value.lastUsed < $1.value.lastUsed }) {
            guard sum < byteCount, age.lastUsed < recent else { break }
            chosen.insert(directory)
            sum += age.byteCount
        }
        return sum >= byteCount ? chosen : []
    }

    /// Forgets these tables and releases their blocks; no mappings may refer to them any more.
    mutating func evict(_ directories: Set<UInt32>, from arena: inout UnwindArena) {
        var done: Set<UInt32> = []
        for (image, entry) in entries {
            guard case .table(let known) = entry,
                directories.contains(known.table.directory.reference)
            else { continue }
            entries[image] = nil
            guard done.insert(known.table.directory.reference).inserted else { continue }
            known.table.release(in: &arena)
            counts.evicted += 1
            counts.tables -= 1
            counts.tableBytes -= known.table.byteCount
        }
        images = images.filter { entries[$0.value] != nil }
    }

    private static func hasFile(_ image: MappedImage) -> Bool {
        image.path == VirtualLibrary.path
            || (image.path.hasPrefix("/") && !image.path.hasPrefix("//"))
    }

    private static func open(
        _ image: MappedImage, process: UInt32
    ) throws(ImageError) -> ImageFile {
        guard image.path == VirtualLibrary.path else {
            return try ImageSearch.open(image, process: process)
        }
        return try VirtualLibrary.open()
    }
}
