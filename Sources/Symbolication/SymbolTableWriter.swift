import Glibc
import LinuxSystem

/// Writes a symbol table into a file: names as they come, so that they are never all in memory, then the
/// index, and the header last. A file whose header is missing is no table.
struct SymbolTableWriter: ~Copyable {
    /// One function.
    struct Entry {
        let start: UInt64
        /// One past the last address.
        let end: UInt64
        /// What `append` gave.
        let name: UInt32
    }

    private let file: OwnedDescriptor
    private var buffer: [UInt8] = []
    private var written = 0
    private var isBroken = false
    private let room: Int
    private let origin: SymbolOrigin

    /// Swift and C++ templates make names of many kilobytes; beyond this nobody reads them.
    static let longestName = 16 * 1024
    private static let flushBytes = 1 << 16
    private static let poolLimit = 1 << 30

    /// - Parameters:
    ///   - file: an empty file, open for writing.
    ///   - source: where the table comes from in particular.
    ///   - room: how large it may become: the disk has no more to give.
    init(
        _ file: consuming OwnedDescriptor, origin: SymbolOrigin, source: String, room: Int = .max
    ) {
        self.file = file
        self.room = room
        self.origin = origin
        buffer = [UInt8](repeating: 0, count: SymbolTable.headerBytes)
        _ = append(Array(source.utf8).span.bytes)
    }

    /// Adds a name to the pool, cut to `longestName`, and returns its offset there; nil when the pool is
    /// full.
    mutating func append(_ name: RawSpan) -> UInt32? {
        let offset = written + buffer.count - SymbolTable.headerBytes
        guard offset < Self.poolLimit else { return nil }
        let kept = name.extracting(first: Self.longestName)
        unsafe kept.withUnsafeBytes { unsafe buffer.append(contentsOf: $0) }
        buffer.append(0)
        if buffer.count >= Self.flushBytes { flush() }
        return UInt32(offset)
    }

    /// Writes the index and the header. Nil when the disk is full or the like; the file is useless then.
    ///
    /// - Parameter entries: sorted by start, no two with the same.
    consuming func finish(_ entries: [Entry]) -> OwnedDescriptor? {
        let poolBytes = written + buffer.count - SymbolTable.headerBytes
        while (written + buffer.count) % 4 != 0 { buffer.append(0) }
        let base = entries.first?.start ?? 0
        let near = entries.filter { $0.start - base <= UInt64(UInt32.max) }
        var index: [UInt8] = []
        index.reserveCapacity(near.count * 12)
        for entry in near { Self.put(UInt32(entry.start - base), into: &index) }
        for entry in near { Self.put(UInt32(clamping: entry.end - entry.start), into: &index) }
        for entry in near { Self.put(entry.name, into: &index) }
        flush()
        let sum = Checksum.of(index.span.bytes)
        buffer = index
        flush()
        var header: [UInt8] = []
        Self.put(SymbolTable.magic, into: &header)
        Self.put(SymbolTable.version, into: &header)
        Self.put(origin.rawValue, into: &header)
        Self.put(UInt32(near.count), into: &header)
        Self.put(UInt32(0), into: &header)
        Self.put(base, into: &header)
        Self.put(UInt64(poolBytes), into: &header)
        Self.put(sum, into: &header)
        Self.put(Checksum.of(header.span.bytes), into: &header)
        guard !isBroken, unsafe pwrite(file.number, header, header.count, 0) == header.count else {
            return nil
        }
        return file
    }

    private mutating func flush() {
        if written + buffer.count > room { isBroken = true }
        var done = 0
        while done < buffer.count, !isBroken {
            let count = unsafe buffer.withUnsafeBytes {
                unsafe write(file.number, $0.baseAddress.map { unsafe $0 + done }, $0.count - done)
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { isBroken = true } else { done += count }
        }
        written += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    private static func put<T: FixedWidthInteger>(_ value: T, into bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
    }
}
