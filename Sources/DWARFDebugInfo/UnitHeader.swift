/// The head of a unit in `.debug_info` (DWARF 5 §7.5.1).
struct UnitHeader: Sendable {
    enum Kind: UInt8, Sendable {
        case compile = 1
        case type, partial, skeleton, splitCompile, splitType
    }

    /// Where the unit begins in its section.
    let offset: UInt64
    let end: UInt64
    /// Its first entry, the root.
    let root: UInt64
    let abbreviations: UInt64
    /// What skeleton and split unit share; 0 in others, and before DWARF 5.
    let splitID: UInt64
    let format: UnitFormat
    /// Before DWARF 5 partial and skeleton units are told only by their roots.
    let kind: Kind

    /// The longest header: a type unit's in the 64-bit format.
    static let largestByteCount: UInt64 = 40

    /// Reads a header, of which only the length must be sound: then the unit can be passed over.
    ///
    /// Returns where the next unit begins, and nil for one that cannot be used.
    static func read(
        _ reader: inout DebugReader
    ) throws(DWARFError) -> (unit: Result<UnitHeader, DWARFError>, end: UInt64) {
        let offset = reader.offset
        let (length, isWide) = try reader.readLength()
        let (end, overflow) = reader.offset.addingReportingOverflow(length)
        guard !overflow else { throw reader.error(.badLength) }
        do {
            let header = try UnitHeader(
                readingRest: &reader, of: offset, end: end, isWide: isWide)
            return (.success(header), end)
        } catch {
            if error.code == .truncated, reader.offset < end { throw error }
            return (.failure(error), end)
        }
    }

    private init(
        readingRest reader: inout DebugReader, of offset: UInt64, end: UInt64, isWide: Bool
    ) throws(DWARFError) {
        let version = try reader.read(UInt16.self)
        guard 2...5 ~= version else { throw reader.error(.unsupportedVersion) }
        format = UnitFormat(version: UInt8(version), isWide: isWide)
        let addressSize: UInt8
        if version >= 5 {
            guard let kind = Kind(rawValue: try reader.readByte()) else {
                throw reader.error(.unsupportedVersion)
            }
            self.kind = kind
            addressSize = try reader.readByte()
            abbreviations = try reader.readOffset(isWide: isWide)
        } else {
            kind = .compile
            abbreviations = try reader.readOffset(isWide: isWide)
            addressSize = try reader.readByte()
        }
        guard addressSize == 8 else { throw reader.error(.unsupportedAddressSize) }
        switch kind {
        case .skeleton, .splitCompile: splitID = try reader.read(UInt64.self)
        case .type, .splitType:
            splitID = 0
            try reader.skip(8)  // the type's signature
            _ = try reader.readOffset(isWide: isWide)
        case .compile, .partial: splitID = 0
        }
        self.offset = offset
        self.end = end
        root = reader.offset
        guard root <= end else { throw reader.error(.badLength) }
    }
}
