import ByteReading
package import ProfileModel

/// Names and lines of code that a runtime wrote into `jit-PID.dump` (Linux,
/// tools/perf/Documentation/jitdump-specification.txt). The code itself, which it holds too, is skipped.
package struct JITDump: AppendedContents {
    /// The first bytes of the file.
    package struct Header: Hashable, Sendable {
        /// Of the process, as it knows it itself.
        package let process: UInt32
        package let time: UInt64
        /// Whether times are the processor's counter's. CLOCK_MONOTONIC otherwise, nanoseconds.
        package let hasProcessorTime: Bool
    }

    /// What keeps the rest from being read.
    package enum Problem: Hashable, Sendable {
        /// No jitdump, one of another version, or of a machine of other byte order.
        case header
        /// A record of impossible size: where the next one begins is not known.
        case record
    }

    package private(set) var header: Header?
    package private(set) var problem: Problem?
    /// Records that make no sense in themselves.
    package private(set) var badRecords: UInt64 = 0
    /// When the last record was written, in the header's clock.
    package private(set) var latest: UInt64 = 0
    package private(set) var isClosed = false
    var code: RuntimeCode
    /// The beginning of a record that was not all there yet.
    private var pending: [UInt8] = []
    /// Bytes to come that are the end of a record whose beginning was read.
    private var skipping = 0
    /// Rows come before the code they are of.
    var awaiting: [UInt64: [SourceRow]] = [:]
    var awaitingRows = 0
    /// Functions by the number that the runtime gave them, for moves.
    var loads: [UInt64: UInt32] = [:]
    var renumberings = 0

    /// Functions that went, or were never taken, because there were too many.
    package var dropped: UInt64 { code.dropped }
    package var count: Int { code.functions.count }

    package init() { self.init(limits: RuntimeCode.Limits()) }

    init(limits: RuntimeCode.Limits) { code = RuntimeCode(limits: limits) }

    /// Reads on: what follows the bytes that were appended before.
    package mutating func append(_ bytes: RawSpan) {
        guard problem == nil else { return }
        let skipped = min(skipping, bytes.byteCount)
        skipping -= skipped
        var whole = pending
        pending = []
        unsafe bytes.extracting(droppingFirst: skipped).withUnsafeBytes {
            unsafe whole.append(contentsOf: $0)
        }
        var place = 0
        while place < whole.count, problem == nil,
            let size = read(whole.span.bytes.extracting(droppingFirst: place))
        {
            place += size
        }
        skipping += max(0, place - whole.count)
        if problem == nil, place < whole.count { pending = Array(whole[place...]) }
        code.settle()
    }

    /// The line of the function at an address, if the file told one.
    package func line(at address: ProcessAddress) -> Line? {
        code.answer(at: address.value).map { Line($0) }
    }

    /// When the code at an address was made, in the header's clock.
    package func time(at address: ProcessAddress) -> UInt64? {
        code.answer(at: address.value)?.time
    }

    /// Reads the header or a record, and returns its size; nil while too little of it is there.
    private mutating func read(_ bytes: RawSpan) -> Int? {
        guard header != nil else { return readHeader(bytes) }
        var reader = ByteReader(bytes)
        guard let kind = try? reader.read(UInt32.self), let size = try? reader.read(UInt32.self),
            let time = try? reader.read(UInt64.self)
        else { return nil }
        guard Int(size) >= Self.recordHeader else {
            problem = .record
            return nil
        }
        let record = RecordKind(rawValue: kind)
        let needed = min(Int(size), Self.recordHeader + (record?.longest ?? 0))
        guard bytes.byteCount >= needed else { return nil }
        latest = max(latest, time)
        let body = bytes.extracting(Self.recordHeader..<needed)
        let isGood =
            switch record {
            case .load: load(body, time: time)
            case .move: move(body)
            case .debugInfo: Int(size) == needed && keepRows(body)
            case .close: close()
            case nil: true
            }
        if !isGood { badRecords += 1 }
        return Int(size)
    }

    private static let recordHeader = 16

    private mutating func close() -> Bool {
        isClosed = true
        return true
    }

    private mutating func readHeader(_ bytes: RawSpan) -> Int? {
        let magic: UInt32 = 0x4a69_5444
        let size: UInt32 = 40
        var reader = ByteReader(bytes)
        guard let first = try? reader.read(UInt32.self) else { return nil }
        guard first == magic else {
            problem = .header
            return nil
        }
        guard let version = try? reader.read(UInt32.self),
            let total = try? reader.read(UInt32.self), (try? reader.skip(8)) != nil,
            let process = try? reader.read(UInt32.self), let time = try? reader.read(UInt64.self),
            let flags = try? reader.read(UInt64.self)
        else { return nil }
        guard version == 1, total >= size else {
            problem = .header
            return nil
        }
        header = Header(process: process, time: time, hasProcessorTime: flags & 1 != 0)
        return Int(total)
    }
}
