package import ByteReading
import LinuxSystem
import ProfileModel

/// Records as `perf_event_open(2)` lays them out (`include/uapi/linux/perf_event.h`).
extension ProcessEvent {
    /// `enum perf_event_type`.
    private enum RecordType {
        static let lost: UInt32 = 2
        static let command: UInt32 = 3
        static let exit: UInt32 = 4
        static let fork: UInt32 = 7
        static let mapping: UInt32 = 10  // PERF_RECORD_MMAP2
    }

    /// PERF_RECORD_MISC_COMM_EXEC
    private static let execFlag: UInt16 = 1 << 13
    private static let headerBytes = 8
    private static let pathLimit = 1 << 15

    /// What every record ends in (`sample_id_all` with TID, TIME and CPU):
    ///
    ///     u32 tgid │ u32 tid │ u64 time │ u32 cpu │ u32 reserved
    private struct Trailer {
        static let byteCount = 24
        let time: UInt64
        let cpu: UInt32

        init(_ bytes: RawSpan) throws(ReadError) {
            var reader = ByteReader(bytes)
            try reader.skip(8)
            time = try reader.read()
            cpu = try reader.read()
        }
    }

    /// Decodes one record of an event made by `PerfEvent(processRecordsOn:wakeupBytes:)`.
    ///
    /// Nil for types that say nothing about processes. Throws when the record is too short for its
    /// type or its range makes no sense; never traps.
    package static func decode(_ record: RawSpan) throws(ReadError) -> ProcessEvent? {
        var header = ByteReader(record)
        let type = try header.read(UInt32.self)
        let flags = try header.read(UInt16.self)
        guard record.byteCount >= headerBytes + Trailer.byteCount else {
            throw ReadError(.endOfBytes, at: record.byteCount)
        }
        let end = record.byteCount - Trailer.byteCount
        let trailer = try Trailer(record.extracting(end..<record.byteCount))
        var body = ByteReader(record.extracting(headerBytes..<end))
        let tgid: UInt32
        let tid: UInt32
        let kind: Kind
        switch type {
        case RecordType.mapping:
            tgid = try body.read()
            tid = try body.read()
            kind = try mapping(&body)
        case RecordType.command:
            tgid = try body.read()
            tid = try body.read()
            let name = CommandName(bytes: try body.readArray(UInt64(min(body.remaining, 16))))
            kind = .named(name, byExec: flags & execFlag != 0)
        case RecordType.fork, RecordType.exit:  // u32 tgid, parent, tid, parent thread; u64 time
            tgid = try body.read()
            let parent = try body.read(UInt32.self)
            tid = try body.read()
            kind = type == RecordType.fork ? .forked(parent: parent) : .exited
        case RecordType.lost:  // u64 event id, count
            try body.skip(8)
            (tgid, tid) = (0, 0)
            kind = .lost(try body.read())
        default: return nil
        }
        return ProcessEvent(time: trailer.time, cpu: trailer.cpu, tgid: tgid, tid: tid, kind: kind)
    }

    /// The rest of MMAP2, after its thread ids:
    ///
    ///     u64 start │ u64 length │ u64 file offset │ 24 bytes identity │ u32 prot │ u32 flags │ path
    ///     identity: u32 major │ u32 minor │ u64 inode │ u64 inode generation
    ///
    /// PERF_RECORD_MISC_MMAP_BUILD_ID would mean another identity, which we do not ask for. Where
    /// somebody else does, the kernel sets the flag in our records too, and it means nothing
    /// (docs/decisions/0005).
    private static func mapping(_ body: inout ByteReader) throws(ReadError) -> Kind {
        let at = body.offset
        let start = try body.read(UInt64.self)
        let (end, overflow) = start.addingReportingOverflow(try body.read())
        let fileOffset = FileOffset(try body.read())
        guard !overflow else { throw ReadError(.offsetOverflow, at: at) }
        let major = try body.read(UInt32.self)
        let minor = try body.read(UInt32.self)
        let inode = try body.read(UInt64.self)
        try body.skip(8)
        let file =
            inode == 0
            ? nil : FileIdentity(major: UInt64(major), minor: UInt64(minor), inode: inode)
        try body.skip(8)
        let path = try body.readCString(limit: pathLimit)
        let image = MappedImage(path: path, file: file)
        guard
            let mapping = ReportedMapping(
                start: ProcessAddress(start), end: ProcessAddress(end), fileOffset: fileOffset,
                image: image)
        else { throw ReadError(.offsetOverflow, at: at) }
        return .mapped(mapping)
    }
}
