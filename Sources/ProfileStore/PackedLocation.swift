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

    /// A location in numbers of the partition's symbols.
    struct Numbers {
        let kind: FrameKind
        let image: Int
        /// Functions are the symbols' numbers, innermost first.
        var lines: [StackTable.NumberedLine] = []
        /// Only without lines.
        var address: ImageAddress?
    }

    /// Nil when the bytes are damaged; whether the symbols have such numbers is not looked at.
    static func numbers(_ bytes: RawSpan) -> Numbers? {
        var reader = ByteReader(bytes)
        return try? numbers(&reader)
    }

    private static func numbers(_ reader: inout ByteReader) throws(ReadError) -> Numbers? {
        guard let kind = FrameKind(rawValue: try reader.read(UInt8.self)) else { return nil }
        var numbers = Numbers(kind: kind, image: Int(try reader.readUInt32()))
        for _ in 0..<(try reader.readCount()) {
            guard let function = Int32(exactly: try reader.readUInt32()) else { return nil }
            numbers.lines.append(
                StackTable.NumberedLine(function: function, number: try reader.readUInt32()))
        }
        if numbers.lines.isEmpty, try reader.read(UInt8.self) != 0 {
            numbers.address = ImageAddress(try reader.readULEB128())
        }
        return numbers
    }

    /// Nil when the bytes are damaged.
    static func decode(_ bytes: RawSpan, _ symbols: SymbolContent) -> Location? {
        guard let numbers = numbers(bytes), let image = symbols.image(numbers.image) else {
            return nil
        }
        var lines: [Line] = []
        for line in numbers.lines {
            guard let function = symbols.function(Int(line.function)) else { return nil }
            lines.append(Line(function: function, number: line.number))
        }
        if let address = numbers.address {
            return Location(
                unnamed: address, kind: numbers.kind, module: image.module,
                buildID: image.buildID)
        }
        return Location(
            named: lines, kind: numbers.kind, module: image.module, buildID: image.buildID)
    }
}
