import ByteReading
package import ProfileModel
import ProfileStore

/// The threads a chapter's samples were taken in, and the series they belong to.
package struct ThreadTable: Sendable {
    /// A thread that became another application, as by `execve(2)`, counts as two.
    package struct Thread: Hashable, Sendable {
        package let pid: UInt32
        package let tid: UInt32
        /// Index into `series`.
        package let series: UInt32
    }

    package private(set) var series: [LabelSet] = []
    package private(set) var threads: [Thread] = []
    private var seriesNumbers: [LabelSet: UInt32] = [:]
    private var numbers: [Thread: UInt32] = [:]

    init() {}

    /// Memory held, in bytes; about. Labels are counted as the strings they are made of.
    var footprint: Int {
        threads.count * 40 + series.reduce(0) { $0 + 64 + $1.labels.count * 64 }
    }

    mutating func intern(_ labels: LabelSet) -> UInt32 {
        if let number = seriesNumbers[labels] { return number }
        let number = UInt32(series.count)
        series.append(labels)
        seriesNumbers[labels] = number
        return number
    }

    mutating func intern(_ thread: Thread) -> UInt32 {
        if let number = numbers[thread] { return number }
        let number = UInt32(threads.count)
        threads.append(thread)
        numbers[thread] = number
        return number
    }

    // MARK: Packing

    func packed(_ codec: borrowing ZstdCodec) -> [UInt8] { Packing.pack(payload, codec) }

    /// Series, each the number of its labels and then names and values; threads, each its process, how
    /// far from that its own number is, and its series.
    private var payload: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendVarint(series.count)
        for labels in series {
            bytes.appendVarint(labels.labels.count)
            for label in labels.labels {
                bytes.appendCounted(Array(label.name.utf8))
                bytes.appendCounted(Array(label.value.utf8))
            }
        }
        bytes.appendVarint(threads.count)
        for thread in threads {
            bytes.appendVarint(UInt64(thread.pid))
            bytes.appendSigned(Int64(thread.tid) - Int64(thread.pid))
            bytes.appendVarint(UInt64(thread.series))
        }
        return bytes
    }

    /// What `packed` gave. Throws `.corrupt` when it is anything else.
    init(packed bytes: [UInt8], codec: borrowing ZstdCodec) throws(StoreError) {
        var table = ThreadTable()
        try Packing.unpack(bytes, "threads", codec) { try table.read(&$0) }
        self = table
    }

    private mutating func read(_ reader: inout ByteReader) throws {
        for _ in 0..<(try reader.readULEB128()) {
            var labels: [Label] = []
            for _ in 0..<(try reader.readULEB128()) {
                labels.append(Label(try Self.text(&reader), try Self.text(&reader)))
            }
            _ = intern(LabelSet(labels))
        }
        for _ in 0..<(try reader.readULEB128()) {
            let pid = try reader.readULEB128()
            let distance = [UInt8].unzigzag(try reader.readULEB128())
            let index = try reader.readULEB128()
            guard index < UInt64(series.count) else {
                throw StoreError(.corrupt, "a thread is of no series")
            }
            _ = intern(
                Thread(
                    pid: UInt32(truncatingIfNeeded: pid),
                    tid: UInt32(truncatingIfNeeded: Int64(truncatingIfNeeded: pid) &+ distance),
                    series: UInt32(index)))
        }
    }

    private static func text(_ reader: inout ByteReader) throws(ReadError) -> String {
        String(decoding: try reader.readCounted(), as: UTF8.self)
    }
}
