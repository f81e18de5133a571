import ByteReading
package import ProfileModel

/// The names in Go's line table: what a stripped Go program still tells of its functions.
package enum GoFunctionNames {
    private static let longest = 16 * 1024

    /// Calls `body` with every function whose name can be read.
    ///
    /// - Parameters:
    ///   - bytes: from the table's first byte on.
    ///   - text: where the program's Go code begins; nil: where the table says.
    package static func forEach(
        in bytes: RawSpan, text: ImageAddress?,
        _ body: (_ start: UInt64, _ end: UInt64, _ name: String) -> Void
    ) {
        guard let lines = GoLineTable(bytes, text: text) else { return }
        var table = ByteReader(bytes)
        guard (try? table.seek(to: lines.layout.functions)) != nil,
            var entry = try? lines.readEntry(&table)
        else { return }
        for _ in 0..<min(lines.layout.count, GoLineTable.maximumFunctions) {
            guard let next = try? lines.readEntry(&table) else { return }
            guard next.start > entry.start else { continue }
            if let name = try? name(of: entry, in: lines) { body(entry.start, next.start, name) }
            entry = next
        }
    }

    /// The details begin with the entry address and the name's offset (Go's runtime/runtime2.go, _func).
    private static func name(
        of entry: GoLineTable.Entry, in lines: borrowing GoLineTable
    ) throws(ReadError) -> String {
        var reader = ByteReader(lines.bytes)
        try reader.seek(to: entry.details)
        try reader.skip(lines.layout.hasNarrowEntries ? 4 : 8)
        let name = lines.layout.names &+ UInt64(try reader.read(UInt32.self))
        try reader.seek(to: name)
        return try reader.readCString(limit: longest)
    }
}
