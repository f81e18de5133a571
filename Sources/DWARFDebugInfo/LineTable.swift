/// Which source line an address belongs to, for one line table.
struct LineTable: Sendable {
    private let header: LineHeader
    private let rows: LineRows

    init(at offset: UInt64, of unit: Unit, in files: inout DebugFiles) throws(DWARFError) {
        (header, rows) = try LineProgram.run(at: offset, of: unit, in: &files)
    }

    var byteCount: Int { header.byteCount + rows.byteCount }

    /// File number and line of an address; nil when the table says nothing of it.
    func row(at address: UInt64) -> LineRows.Row? { rows.row(at: address) }

    /// A file's path: absolute when the compiler said where it ran. Nil when there is no such file.
    func path(of file: UInt64, in unit: Unit, _ files: inout DebugFiles) -> String? {
        let first: UInt64 = header.format.version >= 5 ? 0 : 1
        guard file >= first, file - first < UInt64(header.files.count) else { return nil }
        let named = header.files[Int(file - first)]
        guard let name = text(named.name, in: unit, &files) else { return nil }
        if name.hasPrefix("/") { return name }
        let directory = directory(named.directory, in: unit, &files)
        return Self.join(directory, name)
    }

    private func directory(
        _ number: UInt64, in unit: Unit, _ files: inout DebugFiles
    ) -> String {
        let compilation = compilationDirectory(of: unit, &files)
        let first: UInt64 = header.format.version >= 5 ? 0 : 1
        guard number >= first, number - first < UInt64(header.directories.count),
            let name = text(header.directories[Int(number - first)], in: unit, &files)
        else { return compilation }
        return name.hasPrefix("/") || name == compilation ? name : Self.join(compilation, name)
    }

    /// As the unit says, else as the table does: its first directory, since version 5.
    private func compilationDirectory(of unit: Unit, _ files: inout DebugFiles) -> String {
        if let value = unit.directory, let path = try? files.text(value, in: unit) { return path }
        guard header.format.version >= 5, let first = header.directories.first else { return "" }
        return text(first, in: unit, &files) ?? ""
    }

    private static func join(_ directory: String, _ name: String) -> String {
        if directory.isEmpty { return name }
        return directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
    }

    private func text(
        _ value: AttributeValue, in unit: Unit, _ files: inout DebugFiles
    ) -> String? {
        try? files.text(value, in: unit, section: .lines)
    }
}
