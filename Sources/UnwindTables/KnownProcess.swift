import CSampleABI
import ELFImage
import ProcessTracking
import ProfileModel

/// A process whose mappings readers know.
struct KnownProcess {
    let program: Program
    /// What `block` was made from.
    var origin: Origin
    let block: UnwindArena.Block
    /// What `block` holds.
    let entries: [unwind_mapping]

    /// What readers tell a process by.
    struct Program: Equatable {
        let startTime: UInt64
        let execID: UInt64

        init(of sample: Sample) {
            startTime = sample.processStart
            execID = sample.execID
        }
    }

    /// Where a process's mappings were learned.
    struct Origin {
        let mappings: MappingTable
        /// The process as it is tracked; nil while no sample's turn has come that saw it like this.
        var tracked: (id: ProcessID, revision: UInt32)?
        /// When they were read ahead of their turn (CLOCK_MONOTONIC); 0 when they had it.
        var scanTime: UInt64 = 0

        init(_ process: TrackedProcess) {
            mappings = process.mappings
            tracked = (process.id, process.mappingRevision)
        }

        init(_ mappings: MappingTable, scannedAt time: UInt64) {
            self.mappings = mappings
            scanTime = time
        }
    }

    /// Whether something has changed since readers were told, which a sample of this time knows of.
    func isOutdated(by process: TrackedProcess, at time: UInt64) -> Bool {
        guard origin.scanTime <= time else { return false }
        guard let tracked = origin.tracked else { return true }
        return tracked.id != process.id || tracked.revision != process.mappingRevision
    }

    /// Whether readers see for themselves that another image is at this address.
    func hasMark(at start: ProcessAddress) -> Bool {
        entries.contains { $0.start == start.value && $0.mark != 0 }
    }

    /// Tables that `block` refers to.
    var directories: Set<UInt32> { ProcessMappings.directories(of: entries) }
}

/// The mappings of a process as readers see them, not yet in the arena.
struct ProcessMappings {
    private(set) var entries: [unwind_mapping]
    private let images: [ImageTable.ImageID]

    /// - Parameter state: what is known of an image's table.
    init(
        _ mappings: MappingTable,
        state: (ImageTable.ImageID) -> TableCache.Entry?
    ) {
        let kept = mappings.mappings.prefix(Int(MAX_UNWIND_MAPPINGS))
        images = kept.map(\.image)
        entries = kept.map { Self.entry($0, state($0.image)) }
    }

    /// Bytes of the block that holds them.
    var byteCount: Int {
        MemoryLayout<unwind_process>.size + entries.count * MemoryLayout<unwind_mapping>.stride
    }

    static func directories(of entries: [unwind_mapping]) -> Set<UInt32> {
        Set(entries.lazy.filter { $0.state == MAPPING_TABLE.rawValue }.map(\.directory))
    }

    /// Mappings nobody looked for a table of yet.
    var unreadCount: Int { Self.unreadCount(entries) }

    static func unreadCount(_ entries: [unwind_mapping]) -> Int {
        entries.count { $0.state == MAPPING_UNREAD.rawValue }
    }

    /// Keeps what was in a mapping's place before, as an alternative to it: a library that is closed
    /// and opened again, in turn with others, is known at once each time.
    mutating func add(alternatives old: [unwind_mapping]) {
        var merged: [unwind_mapping] = []
        for entry in entries {
            let others = old.filter {
                $0.start == entry.start && $0.mark != 0 && $0.mark != entry.mark
                    && $0.state == MAPPING_TABLE.rawValue
            }
            merged += others.suffix(Int(MAX_ALTERNATIVES) - 1)
            merged.append(entry)
        }
        if merged.count <= Int(MAX_UNWIND_MAPPINGS) { entries = merged }
    }

    /// The image whose table has to be read to go on at this address; before alternatives were added.
    func unreadImage(at address: UInt64) -> ImageTable.ImageID? {
        guard let index = entries.firstIndex(where: { $0.start <= address && address < $0.end }),
            entries[index].state == MAPPING_UNREAD.rawValue
        else { return nil }
        return images[index]
    }

    /// Writes the block, `byteCount` bytes.
    func write(
        to place: UnsafeMutableRawPointer, tgid: UInt32, startTime: UInt64, execID: UInt64
    ) {
        let head = unwind_process(
            start_time: startTime, exec_id: execID, tgid: tgid, count: UInt32(entries.count),
            reserved: 0)
        unsafe place.storeBytes(of: head, as: unwind_process.self)
        unsafe (place + MemoryLayout<unwind_process>.size).copy(entries)
    }

    private static func entry(_ mapping: Mapping, _ table: TableCache.Entry?) -> unwind_mapping {
        var entry = unwind_mapping(
            start: mapping.start.value, end: mapping.end.value, table_start: 0,
            directory: UInt32(NO_BLOCK), state: MAPPING_UNREAD.rawValue, mark_address: 0, mark: 0)
        switch table {
        case nil, .loading: break
        case .bare: entry.state = MAPPING_BARE.rawValue
        case .table(let image):
            // A segment's first page may hold the end of the one before: the mapping begins earlier
            // in the file than the segment does.
            let page: UInt64 = 4095
            let segment = image.segments.first {
                $0.type == 1 && $0.isExecutable && mapping.fileOffset.value >= $0.offset & ~page
                    && mapping.fileOffset.value < $0.offset &+ $0.fileSize
            }
            guard let segment else {
                entry.state = MAPPING_BARE.rawValue
                break
            }
            entry.state = MAPPING_TABLE.rawValue
            entry.directory = image.table.directory.reference
            let imageStart = segment.address &+ (mapping.fileOffset.value &- segment.offset)
            entry.table_start = imageStart &- image.table.baseAddress.value
            guard let mark = image.mark else { break }
            entry.mark_address = mapping.start.value &- imageStart &+ mark.address.value
            entry.mark = mark.value
        }
        return entry
    }
}
