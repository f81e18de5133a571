/// Writes perf records byte by byte, as `perf_event_open(2)` lays them out.
struct RecordBytes {
    private(set) var bytes: [UInt8] = []

    init(type: UInt32, flags: UInt16 = 0, _ body: (inout RecordBytes) -> Void) {
        append(type)
        append(flags)
        append(UInt16(0))
        body(&self)
        let size = UInt16(bytes.count)
        bytes[6] = UInt8(truncatingIfNeeded: size)
        bytes[7] = UInt8(truncatingIfNeeded: size >> 8)
    }

    mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Zero-terminated and padded to eight bytes, as the kernel does.
    mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        repeat { bytes.append(0) } while bytes.count % 8 != 0
    }

    mutating func appendTrailer(tgid: UInt32, tid: UInt32, time: UInt64, cpu: UInt32) {
        append(tgid)
        append(tid)
        append(time)
        append(cpu)
        append(UInt32(0))
    }
}
