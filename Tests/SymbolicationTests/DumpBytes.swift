/// Writes jitdumps, good and bad ones.
struct DumpBytes {
    private(set) var bytes: [UInt8] = []

    struct Row {
        let address: UInt64
        let line: UInt32
        let file: [UInt8]

        init(_ address: UInt64, _ line: UInt32, _ file: String) {
            self.address = address
            self.line = line
            self.file = Array(file.utf8)
        }

        /// Of the same file as the row before.
        init(_ address: UInt64, _ line: UInt32) {
            self.address = address
            self.line = line
            file = [0xff]
        }
    }

    init(
        magic: UInt32 = 0x4a69_5444, version: UInt32 = 1, size: UInt32 = 40, process: UInt32 = 77,
        flags: UInt64 = 0
    ) {
        for word in [magic, version, size, 62, 0, process] { put(word) }
        put(UInt64(1000))
        put(flags)
        bytes += [UInt8](repeating: 0xee, count: Int(max(size, 40) - 40))
    }

    mutating func load(
        _ address: UInt64, _ size: UInt64, _ name: String, index: UInt64 = 0, time: UInt64 = 0,
        code: Int = 5
    ) {
        var body = DumpBytes.empty
        for word in [77, 78] as [UInt32] { body.put(word) }
        for word in [address, address, size, index] { body.put(word) }
        body.bytes += Array(name.utf8) + [0] + [UInt8](repeating: 0x90, count: code)
        record(0, body.bytes, time: time)
    }

    mutating func move(_ old: UInt64, to new: UInt64, _ size: UInt64, index: UInt64) {
        var body = DumpBytes.empty
        for word in [77, 78] as [UInt32] { body.put(word) }
        for word in [new, old, new, size, index] { body.put(word) }
        record(1, body.bytes)
    }

    mutating func rows(_ address: UInt64, _ rows: [Row], count: UInt64? = nil) {
        var body = DumpBytes.empty
        body.put(address)
        body.put(count ?? UInt64(rows.count))
        for row in rows {
            body.put(row.address)
            body.put(row.line)
            body.put(UInt32(0))
            body.bytes += row.file + [0]
        }
        record(2, body.bytes)
    }

    mutating func record(_ kind: UInt32, _ body: [UInt8], size: UInt32? = nil, time: UInt64 = 0) {
        put(kind)
        put(size ?? UInt32(16 + body.count))
        put(time)
        bytes += body
    }

    private static var empty: DumpBytes {
        var empty = DumpBytes()
        empty.bytes = []
        return empty
    }

    private mutating func put<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
