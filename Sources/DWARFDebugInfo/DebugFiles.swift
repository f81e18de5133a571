/// The files an image's debug information lies in, and what was parsed of them.
struct DebugFiles: Sendable {
    private var files: [FileNumber: DebugFile]
    /// `.dwo` files, the ones opened longest ago first.
    private var splitFiles: [Int] = []
    private var nextSplitFile = 0
    private var tables: BoundedCache<TableKey, AbbreviationTable>
    /// Unit headers of a file by offset, for references across units.
    private var headers: [FileNumber: [UnitHeader]] = [:]
    private var units: BoundedCache<UnitKey, Unit>
    var budget = WorkBudget()

    private struct UnitKey: Hashable, Sendable {
        let file: FileNumber
        let offset: UInt64
    }

    private struct TableKey: Hashable, Sendable {
        let file: FileNumber
        let offset: UInt64
        let format: UnitFormat
    }

    /// Each keeps windows of 16 KiB on six sections.
    private static let maximumSplitFiles = 16
    /// A gigabyte of the smallest real units has a tenth of it.
    private static let maximumUnits = 1 << 19

    init(
        _ image: any DebugSource, supplement: (any DebugSource)?, package: (any DebugSource)?,
        byteLimit: Int
    ) {
        files = [.image: DebugFile(image)]
        files[.supplement] = supplement.map { DebugFile($0) }
        files[.package] = package.map { DebugFile($0) }
        tables = BoundedCache(byteLimit: byteLimit / 4 * 3)
        units = BoundedCache(byteLimit: byteLimit / 4)
    }

    func has(_ file: FileNumber) -> Bool { files[file] != nil }

    /// What is held in memory.
    var byteCount: Int {
        files.values.reduce(0) { $0 + $1.windowBytes } + tables.byteCount + units.byteCount
            + headers.values.reduce(0) { $0 + $1.count * MemoryLayout<UnitHeader>.stride }
    }

    func byteCount(of section: DebugSection, in file: FileNumber) -> UInt64 {
        files[file]?.byteCount(of: section) ?? 0
    }

    func bytes(
        of section: DebugSection, _ range: Range<UInt64>, in file: FileNumber
    ) throws(DWARFError) -> [UInt8] {
        guard let file = files[file] else {
            throw DWARFError(.truncated, in: section, at: range.lowerBound)
        }
        return try file.bytes(of: section, range)
    }

    /// As `DebugFile.parse`, and spends of the budget, whether it succeeds or not; a file that is not
    /// there has empty sections.
    mutating func parse<Value>(
        _ section: DebugSection, in file: FileNumber, at offset: UInt64, before end: UInt64 = .max,
        expecting expected: UInt64 = 512,
        _ body: (inout DebugReader) throws(DWARFError) -> Value
    ) throws(DWARFError) -> Value {
        // Taken out and put back: a value that is changed in its dictionary would be copied.
        guard var taken = files.removeValue(forKey: file) else {
            throw DWARFError(.truncated, in: section, at: offset)
        }
        defer { files[file] = taken }
        let result: Result<Value, DWARFError>
        do throws(DWARFError) {
            let value = try taken.parse(
                section, at: offset, before: end, expecting: expected, body)
            result = .success(value)
        } catch {
            result = .failure(error)
        }
        try budget.spend(1 + taken.takeCost(), in: section, at: offset)
        return try result.get()
    }

    /// Opens a `.dwo` file; the one opened longest ago is let go.
    ///
    /// - Returns: its number, and that of a file that is no longer there.
    mutating func open(_ source: any DebugSource) -> (opened: FileNumber, closed: FileNumber?) {
        var closed: FileNumber?
        if splitFiles.count >= Self.maximumSplitFiles {
            let oldest = FileNumber.split(splitFiles.removeFirst())
            files[oldest] = nil
            headers[oldest] = nil
            closed = oldest
        }
        let number = nextSplitFile
        nextSplitFile += 1
        splitFiles.append(number)
        files[.split(number)] = DebugFile(source)
        return (.split(number), closed)
    }

    /// The table at an offset of a file's `.debug_abbrev`.
    mutating func abbreviations(of unit: Unit) throws(DWARFError) -> AbbreviationTable {
        let format = unit.header.format
        let key = TableKey(file: unit.file, offset: unit.abbreviations, format: format)
        if let table = tables.value(for: key) { return table }
        let table = try parse(
            .abbreviations, in: unit.file, at: unit.abbreviations, expecting: 8 << 10
        ) { reader throws(DWARFError) in try AbbreviationTable(reading: &reader, for: format) }
        try budget.spend(table.attributes.count, in: .abbreviations, at: unit.abbreviations)
        tables.insert(table, for: key, byteCount: table.byteCount)
        return table
    }

    /// A unit of the image or its supplement, ready to be read.
    mutating func unit(_ header: UnitHeader, in file: FileNumber) throws(DWARFError) -> Unit {
        let key = UnitKey(file: file, offset: header.offset)
        if let known = units.value(for: key) { return known }
        let unit = try readUnit(header, in: file)
        units.insert(unit, for: key, byteCount: MemoryLayout<Unit>.stride)
        return unit
    }

    /// All unit headers of a file that can be used, by offset. Stops where a length is unsound, or too
    /// many cannot be used: in a hundred megabytes of zeros every four bytes are one.
    mutating func unitHeaders(of file: FileNumber) throws(DWARFError) -> [UnitHeader] {
        if let known = headers[file] { return known }
        let size = byteCount(of: .information, in: file)
        var found: [UnitHeader] = []
        var unusable = 0
        var offset: UInt64 = 0
        while offset < size, unusable < Self.maximumUnits {
            try budget.spend(in: .information, at: offset)
            guard found.count < Self.maximumUnits else {
                throw DWARFError(.tooLarge, in: .information, at: offset)
            }
            guard
                let (unit, end) = try? parse(
                    .information, in: file, at: offset, expecting: UnitHeader.largestByteCount,
                    { reader throws(DWARFError) in try UnitHeader.read(&reader) })
            else { break }
            guard end > offset, end <= size else { break }
            if case .success(let header) = unit { found.append(header) } else { unusable += 1 }
            offset = end
        }
        headers[file] = found
        return found
    }

    /// Gives back what can be read again.
    mutating func dropTables() {
        tables.removeAll()
        units.removeAll()
        for file in files.keys { files[file]?.dropWindows() }
    }
}
