import CSampleABI
import ELFImage
import ProcessTracking
import ProfileModel

/// A process whose mappings readers know.
struct KnownProcess {
    let id: ProcessID
    let execID: UInt64
    let block: UnwindArena.Block
    /// What `block` was made from.
    let mappings: MappingTable
    let mappingRevision: UInt32
    /// Directories that `block` refers to.
    let directories: Set<UInt32>
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

    var directories: Set<UInt32> {
        Set(entries.lazy.filter { $0.state == MAPPING_TABLE.rawValue }.map(\.directory))
    }

    /// The image whose table has to be read to go on at this address.
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
            directory: UInt32(NO_BLOCK), state: MAPPING_UNREAD.rawValue)
        switch table {
        case nil: break
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
            entry.table_start =
                segment.address &+ (mapping.fileOffset.value &- segment.offset)
                &- image.table.baseAddress.value
        }
        return entry
    }
}
