/// The head of a line table: how its program is to be run, and which files it speaks of
/// (DWARF 5 §6.2.4).
struct LineHeader: Sendable {
    /// A file's name, and the number of its directory.
    struct File: Sendable {
        let name: AttributeValue
        let directory: UInt64
    }

    let format: UnitFormat
    let minimumInstructionLength: UInt64
    /// More than 1 on VLIW machines.
    let operationsPerInstruction: UInt64
    let lineBase: Int8
    let lineRange: UInt8
    let opcodeBase: UInt8
    /// How many operands the standard opcodes have; of opcode 1 first.
    let operandCounts: [UInt8]
    private(set) var directories: [AttributeValue] = []
    private(set) var files: [File] = []
    /// In `.debug_line`.
    let program: Range<UInt64>

    private static let maximumNames = 1 << 20
    private static let maximumFormats = 16

    var byteCount: Int {
        directories.count * MemoryLayout<AttributeValue>.stride
            + files.count * MemoryLayout<File>.stride
    }

    init(reading reader: inout DebugReader) throws(DWARFError) {
        let (length, isWide) = try reader.readLength()
        let (end, overflow) = reader.offset.addingReportingOverflow(length)
        guard !overflow else { throw reader.error(.badLength) }
        let version = try reader.read(UInt16.self)
        guard 2...5 ~= version else { throw reader.error(.unsupportedVersion) }
        format = UnitFormat(version: UInt8(version), isWide: isWide)
        if version >= 5 {
            let addressSize = try reader.readByte()
            let selectorSize = try reader.readByte()
            guard addressSize == 8, selectorSize == 0 else {
                throw reader.error(.unsupportedAddressSize)
            }
        }
        let headerLength = try reader.readOffset(isWide: isWide)
        let (start, tooFar) = reader.offset.addingReportingOverflow(headerLength)
        guard !tooFar, start <= end else { throw reader.error(.badLength) }
        program = start..<end
        minimumInstructionLength = UInt64(try reader.readByte())
        operationsPerInstruction = version >= 4 ? UInt64(max(try reader.readByte(), 1)) : 1
        try reader.skip(1)  // default_is_stmt
        lineBase = Int8(bitPattern: try reader.readByte())
        lineRange = try reader.readByte()
        opcodeBase = try reader.readByte()
        guard lineRange > 0, opcodeBase > 0 else { throw reader.error(.badLineTable) }
        var counts: [UInt8] = []
        for _ in 1..<max(opcodeBase, 1) { counts.append(try reader.readByte()) }
        operandCounts = counts
        if version >= 5 { try readNames(&reader) } else { try readOldNames(&reader) }
    }

    /// DW_LNE_define_file.
    mutating func append(_ file: File) {
        if files.count < Self.maximumNames { files.append(file) }
    }

    /// A file of the tables before DWARF 5; nil at their end.
    static func readOldFile(_ reader: inout DebugReader) throws(DWARFError) -> File? {
        let name = reader.offset
        try reader.skipText()
        if reader.offset == name + 1 { return nil }
        let directory = try reader.readULEB128()
        _ = try reader.readULEB128()  // time
        _ = try reader.readULEB128()  // length
        return File(name: .text(at: name), directory: directory)
    }

    private mutating func readOldNames(_ reader: inout DebugReader) throws(DWARFError) {
        while true {
            let start = reader.offset
            try reader.skipText()
            if reader.offset == start + 1 { break }
            guard directories.count < Self.maximumNames else { throw reader.error(.tooLarge) }
            directories.append(.text(at: start))
        }
        while let file = try Self.readOldFile(&reader) {
            guard files.count < Self.maximumNames else { throw reader.error(.tooLarge) }
            files.append(file)
        }
    }

    private mutating func readNames(_ reader: inout DebugReader) throws(DWARFError) {
        for directory in try readFiles(&reader) { directories.append(directory.name) }
        files = try readFiles(&reader)
    }

    /// Either table: what each name has with it, then the names (DWARF 5 §6.2.4.1).
    private func readFiles(_ reader: inout DebugReader) throws(DWARFError) -> [File] {
        let formatCount = Int(try reader.readByte())
        guard formatCount <= Self.maximumFormats else { throw reader.error(.tooLarge) }
        var contents: [(content: UInt64, form: Form)] = []
        for _ in 0..<formatCount {
            let content = try reader.readULEB128()
            let form = Form(rawValue: UInt16(clamping: try reader.readULEB128())) ?? .unknown
            contents.append((content, form))
        }
        let count = try reader.readULEB128()
        // A name takes at least a byte, or any number of them would fit.
        guard count == 0 || contents.contains(where: { $0.form.byteCount(in: format) != 0 }) else {
            throw reader.error(.badLineTable)
        }
        guard count <= UInt64(Self.maximumNames) else { throw reader.error(.tooLarge) }
        var files: [File] = []
        for _ in 0..<count {
            var name = AttributeValue.opaque
            var directory: UInt64 = 0
            for (content, form) in contents {
                let value = try reader.readValue(form, in: format, unit: 0)
                switch (content, value) {
                case (1, _): name = value  // DW_LNCT_path
                case (2, .constant(let number)): directory = number  // DW_LNCT_directory_index
                default: break
                }
            }
            files.append(File(name: name, directory: directory))
        }
        return files
    }
}
