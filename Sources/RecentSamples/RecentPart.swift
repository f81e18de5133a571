import LinuxSystem
package import ProfileModel
package import ProfileStore

/// What a chapter took in between two writes: windows over one table of threads and one of stacks.
package struct RecentPart: Sendable {
    /// One window's samples, packed.
    package struct Segment: Sendable {
        package let start: Timestamp
        package let durationMilliseconds: Int64
        /// Nanoseconds of CPU one sample stands for.
        package let period: Int64
        package let count: Int
        /// Where they lie in the part.
        let bytes: Range<Int>

        package var end: Timestamp {
            Timestamp(milliseconds: start.milliseconds + durationMilliseconds)
        }

        /// Microseconds, for packing.
        var tick: Int64 { max(1, period / 1000) }
    }

    /// Where things lie in the chapter's file. Samples begin the part.
    struct Place: Sendable {
        let samples: Int
        let threads: Range<Int>
        let stacks: Range<Int>
        let locations: Range<Int>
        let symbols: Range<Int>
    }

    enum Content: Sendable {
        case open(OpenPart, ChapterDictionary)
        case written(ChapterFile, Place)
    }

    package let segments: [Segment]
    /// What this part brings to the chapter's dictionary.
    let news: ChapterDictionary.News
    let content: Content

    package var sampleCount: Int { segments.reduce(0) { $0 + $1.count } }

    // MARK: Reading

    package func samples(
        of segment: Segment, _ codec: borrowing ZstdCodec
    ) throws(StoreError) -> SampleColumns {
        let bytes =
            switch content {
            case .open(let part, _): Array(part.packed[segment.bytes])
            case .written(let file, let place):
                try Self.read(
                    place.samples + segment.bytes.lowerBound..<place.samples
                        + segment.bytes.upperBound, of: file)
            }
        return try SampleColumns(packed: bytes, period: segment.tick, codec: codec)
    }

    package func threads(_ codec: borrowing ZstdCodec) throws(StoreError) -> ThreadTable {
        switch content {
        case .open(let part, _): return part.threads
        case .written(let file, let place):
            let bytes = try Self.read(place.threads, of: file)
            return try ThreadTable(packed: bytes, codec: codec)
        }
    }

    package func stacks(_ codec: borrowing ZstdCodec) throws(StoreError) -> StackPart {
        let bytes =
            switch content {
            case .open(_, let dictionary): dictionary.packedStacks(codec)
            case .written(let file, let place): try Self.read(place.stacks, of: file)
            }
        return try StackPart(packed: bytes, codec)
    }

    func locations(_ codec: borrowing ZstdCodec) throws(StoreError) -> [LocationRow] {
        let bytes =
            switch content {
            case .open(_, let dictionary): dictionary.packedLocations(codec)
            case .written(let file, let place): try Self.read(place.locations, of: file)
            }
        return try LocationRow.unpack(bytes, codec)
    }

    func symbols(_ codec: borrowing ZstdCodec) throws(StoreError) -> SymbolPart {
        let bytes =
            switch content {
            case .open(_, let dictionary): dictionary.packedSymbols(codec)
            case .written(let file, let place): try Self.read(place.symbols, of: file)
            }
        return try SymbolPart(packed: bytes, codec)
    }

    private static func read(
        _ range: Range<Int>, of file: ChapterFile
    ) throws(StoreError) -> [UInt8] {
        do {
            return try file.read(range)
        } catch {
            throw StoreError(.database, "recent samples cannot be read: \(error)")
        }
    }
}

/// Windows that are not written yet, in memory; their samples are packed already.
struct OpenPart: Sendable {
    private(set) var segments: [RecentPart.Segment] = []
    private(set) var packed: [UInt8] = []
    private(set) var threads = ThreadTable()

    /// Memory held, in bytes.
    var footprint: Int { packed.capacity + threads.footprint }

    mutating func add(
        _ window: RecentWindow, stacks: [UInt32], _ codec: borrowing ZstdCodec
    ) {
        let series = window.series.map { threads.intern($0) }
        var columns = SampleColumns()
        let ordered = window.samples.sorted { ($0.cpu, $0.offset) < ($1.cpu, $1.offset) }
        for sample in ordered {
            let thread = ThreadTable.Thread(
                pid: sample.pid, tid: sample.tid, series: series[sample.series])
            columns.append(
                offset: sample.offset, cpu: sample.cpu, thread: threads.intern(thread),
                stack: stacks[Int(sample.stack)])
        }
        let bytes = columns.packed(period: max(1, window.period / 1000), codec: codec)
        segments.append(
            RecentPart.Segment(
                start: window.start, durationMilliseconds: window.durationMilliseconds,
                period: window.period, count: columns.count,
                bytes: packed.count..<packed.count + bytes.count))
        packed += bytes
    }
}
