@testable import DWARFDebugInfo

/// Assembles debug sections, so that tests read as structure.
struct DebugBytes {
    private(set) var bytes: [UInt8] = []

    static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.bytes += right.bytes
        return sum
    }

    var count: UInt64 { UInt64(bytes.count) }

    mutating func byte(_ values: UInt8...) { bytes += values }
    mutating func raw(_ values: [UInt8]) { bytes += values }
    mutating func text(_ text: String) { bytes += Array(text.utf8) + [0] }

    mutating func number<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes += Array($0) }
    }

    mutating func uleb(_ values: UInt64...) {
        for var value in values {
            while value >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
                value >>= 7
            }
            bytes.append(UInt8(value))
        }
    }

    mutating func sleb(_ value: Int64) {
        var value = value
        while true {
            let byte = UInt8(truncatingIfNeeded: value) & 0x7f
            value >>= 7
            let isLast = (value == 0 && byte & 0x40 == 0) || (value == -1 && byte & 0x40 != 0)
            bytes.append(isLast ? byte : byte | 0x80)
            if isLast { return }
        }
    }

    /// An abbreviation: attributes and forms in turn.
    mutating func abbreviation(
        _ code: UInt64, tag: UInt64, hasChildren: Bool, _ attributes: [(UInt64, UInt64)]
    ) {
        uleb(code, tag)
        byte(hasChildren ? 1 : 0)
        for (attribute, form) in attributes { uleb(attribute, form) }
        uleb(0, 0)
    }

    /// A length and what it counts, in the 32-bit format.
    mutating func counted(_ build: (inout DebugBytes) -> Void) {
        var body = DebugBytes()
        build(&body)
        number(UInt32(body.count))
        raw(body.bytes)
    }

    /// A unit of `.debug_info`, whose abbreviations stand at 0.
    mutating func unit(version: UInt16, kind: UInt8 = 1, _ build: (inout DebugBytes) -> Void) {
        counted { unit in
            unit.number(version)
            if version >= 5 { unit.byte(kind, 8) }
            unit.number(UInt32(0))
            if version < 5 { unit.byte(8) }
            build(&unit)
        }
    }

    /// A line table of version 4: one directory, one file, and the program.
    mutating func lineTable(
        minimumLength: UInt8 = 1, operations: UInt8 = 1, lineBase: Int8 = -3, lineRange: UInt8 = 12,
        files: [String] = ["a.c"], _ program: (inout DebugBytes) -> Void
    ) {
        counted { table in
            table.number(UInt16(4))
            table.counted { header in
                header.byte(minimumLength, operations, 1, UInt8(bitPattern: lineBase), lineRange)
                header.byte(13)
                header.raw([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1])
                header.text("sub")
                header.byte(0)
                for file in files {
                    header.text(file)
                    header.byte(1, 0, 0)
                }
                header.byte(0)
            }
            program(&table)
        }
    }

    /// DW_LNE_set_address
    mutating func setAddress(_ address: UInt64) {
        byte(0, 9, 2)
        number(address)
    }

    /// DW_LNE_end_sequence
    mutating func endSequence() { byte(0, 1, 1) }
}

extension DebugSections {
    init(_ sections: [DebugSection: DebugBytes]) { self.init(sections.mapValues(\.bytes)) }
}
