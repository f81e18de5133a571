import ByteReading
import FoundationEssentials
import GRDB
import ProfileModel

/// Turns the dictionaries of a partition file of layout 1 into those of layout 2.
///
/// Layout 1 kept names in every service's dictionary. Stacks keep their numbers, so windows stay as
/// they are. What cannot be read stays as it is, unreadable as it was.
enum DictionaryMigration {
    static func run(_ database: Database) throws {
        let services = try Int64.fetchAll(database, sql: "SELECT DISTINCT k >> 32 FROM dict")
        let codec = ZstdCodec()
        var symbols = SymbolContent()
        for service in services {
            let keys = service << 32...service << 32 | 0xffff_ffff
            let blobs = try Data.fetchAll(
                database, sql: "SELECT b FROM dict WHERE k BETWEEN ? AND ? ORDER BY k",
                arguments: [keys.lowerBound, keys.upperBound])
            var content = DictionaryContent()
            var old = Dictionary1()
            let isWhole = blobs.allSatisfy {
                (try? old.append(segment: $0.bytes, codec: codec, to: &content, &symbols)) != nil
            }
            guard isWhole else { continue }
            try database.execute(
                sql: "DELETE FROM dict WHERE k BETWEEN ? AND ?",
                arguments: [keys.lowerBound, keys.upperBound])
            try insert(
                content.takeSegmentRows(since: .init(), codec: codec), service, into: database)
        }
        try insert(symbols.takeSegmentRows(since: .init(), codec: codec), 0, into: database)
    }

    private static func insert(
        _ rows: [SegmentRow], _ service: Int64, into database: Database
    ) throws {
        for row in rows {
            guard let bytes = row.bytes else { continue }
            try database.execute(
                sql: "INSERT INTO dict(k, b) VALUES (?, ?)",
                arguments: [service << 32 | Int64(row.number), Data(bytes)])
        }
    }
}

/// A service's dictionary in layout 1, read segment after segment.
///
///     version 1, flags, payload bytes unpacked; payload (flag 1: a zstd frame with checksum):
///     names, locations and stacks there were before; names, locations, stacks here; then each
private struct Dictionary1 {
    /// Names, paths and build IDs.
    private var names: [[UInt8]] = []
    private var stack: [UInt64] = []

    mutating func append(
        segment: RawSpan, codec: borrowing ZstdCodec, to content: inout DictionaryContent,
        _ symbols: inout SymbolContent
    ) throws {
        var reader = ByteReader(segment)
        guard try reader.read(UInt8.self) == 1 else { throw damage }
        let isCompressed = try reader.read(UInt8.self) & 1 != 0
        let size = try reader.readULEB128()
        let rest = try reader.readBytes(UInt64(reader.remaining))
        guard isCompressed else { return try append(payload: rest, to: &content, &symbols) }
        guard size <= UInt64(ZstdCodec.expandedLimit),
            let payload = codec.expand(rest, size: Int(size))
        else { throw damage }
        try append(payload: payload.span.bytes, to: &content, &symbols)
    }

    private mutating func append(
        payload: RawSpan, to content: inout DictionaryContent, _ symbols: inout SymbolContent
    ) throws {
        var reader = ByteReader(payload)
        for count in [names.count, content.locations.count, content.stacks.count] {
            guard try reader.readULEB128() == UInt64(count) else { throw damage }
        }
        let (newNames, newLocations, newStacks) = (
            try reader.readCount(), try reader.readCount(), try reader.readCount()
        )
        for _ in 0..<newNames { names.append(try reader.readCounted()) }
        var packed: [UInt8] = []
        for number in content.locations.count..<content.locations.count + newLocations {
            let bytes = try reader.readCounted()
            PackedLocation.encode(try location(bytes), symbols: &symbols, into: &packed)
            guard content.intern(location: packed.span) == number else { throw damage }
        }
        stack = []
        for number in content.stacks.count..<content.stacks.count + newStacks {
            let shared = try reader.readULEB128()
            let rest = try reader.readCount()
            guard shared <= UInt64(stack.count) else { throw damage }
            stack.removeLast(stack.count - Int(shared))
            for _ in 0..<rest { stack.append(try reader.readULEB128()) }
            guard stack.allSatisfy({ $0 < UInt64(content.locations.count) }) else { throw damage }
            packed.removeAll(keepingCapacity: true)
            for location in stack { packed.appendVarint(location) }
            guard content.intern(stack: packed.span) == number else { throw damage }
        }
    }

    /// kind, module, build ID reference, lines, then per line name, system name, file, number; or,
    /// without lines, 1 and the address.
    private func location(_ bytes: [UInt8]) throws -> Location {
        var reader = ByteReader(bytes.span.bytes)
        guard let kind = FrameKind(rawValue: try reader.read(UInt8.self)) else { throw damage }
        let module = try text(try reader.readULEB128())
        var buildID: BuildID?
        let reference = try reader.readULEB128()
        if reference > 0 {
            buildID = BuildID(
                try name((reference - 1) >> 1), isContentHash: (reference - 1) & 1 != 0)
        }
        var lines: [Line] = []
        for _ in 0..<(try reader.readCount()) {
            let function = Function(
                name: try text(try reader.readULEB128()),
                systemName: try text(try reader.readULEB128()),
                file: try text(try reader.readULEB128()))
            lines.append(Line(function: function, number: try reader.readUInt32()))
        }
        if lines.isEmpty, try reader.read(UInt8.self) != 0 {
            return Location(
                unnamed: ImageAddress(try reader.readULEB128()), kind: kind, module: module,
                buildID: buildID)
        }
        return Location(named: lines, kind: kind, module: module, buildID: buildID)
    }

    private func name(_ id: UInt64) throws -> [UInt8] {
        guard id < UInt64(names.count) else { throw damage }
        return names[Int(id)]
    }

    private func text(_ id: UInt64) throws -> String {
        String(decoding: try name(id), as: UTF8.self)
    }

    private var damage: StoreError { StoreError(.corrupt, "a dictionary of layout 1 is damaged") }
}
