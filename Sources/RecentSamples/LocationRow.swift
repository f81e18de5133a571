import ByteReading
import ProfileModel
import ProfileStore

/// A location in a chapter's numbers.
///
///     kind, image, lines; per line function, number; without lines: 0, or 1 and the address
struct LocationRow {
    let kind: FrameKind
    let image: Int
    let lines: [(function: Int, number: UInt32)]
    /// Only without lines.
    let address: ImageAddress?

    init(
        kind: FrameKind, image: Int, lines: [(function: Int, number: UInt32)],
        address: ImageAddress?
    ) {
        self.kind = kind
        self.image = image
        self.lines = lines
        self.address = address
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = [kind.rawValue]
        bytes.appendVarint(image)
        bytes.appendVarint(lines.count)
        for line in lines {
            bytes.appendVarint(line.function)
            bytes.appendVarint(UInt64(line.number))
        }
        guard lines.isEmpty else { return bytes }
        bytes.append(address == nil ? 0 : 1)
        if let address { bytes.appendVarint(address.value) }
        return bytes
    }

    init(_ reader: inout ByteReader) throws {
        guard let kind = FrameKind(rawValue: try reader.read(UInt8.self)) else {
            throw StoreError(.corrupt, "a location is of no known kind")
        }
        self.kind = kind
        image = Int(try reader.readUInt32())
        var lines: [(function: Int, number: UInt32)] = []
        for _ in 0..<(try reader.readCount()) {
            lines.append((Int(try reader.readUInt32()), try reader.readUInt32()))
        }
        self.lines = lines
        let hasAddress = lines.isEmpty ? try reader.read(UInt8.self) != 0 : false
        address = hasAddress ? ImageAddress(try reader.readULEB128()) : nil
    }

    /// The rows of a part.
    static func unpack(
        _ bytes: [UInt8], _ codec: borrowing ZstdCodec
    ) throws(StoreError) -> [LocationRow] {
        var rows: [LocationRow] = []
        try Packing.unpack(bytes, "locations", codec) { reader in
            while !reader.isAtEnd {
                let size = try reader.readCount()
                let end = reader.offset + size
                rows.append(try LocationRow(&reader))
                guard reader.offset == end else {
                    throw StoreError(.corrupt, "a location is longer or shorter than it says")
                }
            }
        }
        return rows
    }
}
