import ByteReading
import ProfileModel

/// A location as dictionaries keep it: numbers of the partition's symbols.
///
///     kind, image, lines; per line function, number; without lines: 0, or 1 and the address
enum PackedLocation {
    /// Writes a location over `bytes`, its symbols added where they are new.
    static func encode(
        _ location: Location, symbols: inout SymbolContent, into bytes: inout [UInt8]
    ) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(location.kind.rawValue)
        bytes.appendVarint(
            symbols.intern(
                StackTable.Image(module: location.module, buildID: location.buildID)))
        bytes.appendVarint(location.lines.count)
        for line in location.lines {
            bytes.appendVarint(symbols.intern(line.function))
            bytes.appendVarint(UInt64(line.number))
        }
        if location.lines.isEmpty { encode(address: location.address, into: &bytes) }
    }

    /// Writes what a location without lines ends with.
    static func encode(address: ImageAddress?, into bytes: inout [UInt8]) {
        bytes.append(address == nil ? 0 : 1)
        if let address { bytes.appendVarint(address.value) }
    }

    /// Nil when the bytes are damaged.
    static func decode(_ bytes: RawSpan, _ symbols: SymbolContent) -> Location? {
        var reader = ByteReader(bytes)
        return try? decode(&reader, symbols)
    }

    private static func decode(
        _ reader: inout ByteReader, _ symbols: SymbolContent
    ) throws(ReadError) -> Location? {
        guard let kind = FrameKind(rawValue: try reader.read(UInt8.self)),
            let image = symbols.image(Int(try reader.readUInt32()))
        else { return nil }
        let count = try reader.readCount()
        var lines: [Line] = []
        for _ in 0..<count {
            guard let function = symbols.function(Int(try reader.readUInt32())) else { return nil }
            lines.append(Line(function: function, number: try reader.readUInt32()))
        }
        if lines.isEmpty, try reader.read(UInt8.self) != 0 {
            return Location(
                unnamed: ImageAddress(try reader.readULEB128()), kind: kind, module: image.module,
                buildID: image.buildID)
        }
        return Location(
            named: lines, kind: kind, module: image.module, buildID: image.buildID)
    }
}
