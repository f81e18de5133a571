@testable import DWARFDebugInfo

/// Debug information made by hand: function `outer` at 0x1000 … 0x1100, into which `middle` was
/// inlined at 0x1010 … 0x1040, and into that `inner` at 0x1020 … 0x1030.
struct SmallProgram {
    var abbreviations = DebugBytes()
    var information = DebugBytes()
    var lines = DebugBytes()
    var ranges = DebugBytes()
    var addressRanges = DebugBytes()

    var sections: [DebugSection: [UInt8]] {
        [
            .information: information.bytes, .abbreviations: abbreviations.bytes,
            .lines: lines.bytes, .ranges: ranges.bytes, .addressRanges: addressRanges.bytes,
        ]
    }

    /// - Parameters:
    ///   - rootHasCode: whether the unit's root says which code it has.
    ///   - hasAddressRanges: whether `.debug_aranges` says so.
    ///   - innerIsItsOwnOrigin: whether the origin of `inner` is its own entry.
    init(
        rootHasCode: Bool = true, hasAddressRanges: Bool = false, innerIsItsOwnOrigin: Bool = false
    ) {
        makeAbbreviations(rootHasCode: rootHasCode)
        makeInformation(rootHasCode: rootHasCode, innerIsItsOwnOrigin: innerIsItsOwnOrigin)
        lines.lineTable { program in
            program.setAddress(0x1000)
            program.byte(3, 9, 1, 2, 0x20, 3, 10, 1, 2, 0x60, 3, 1, 1)  // lines 10, 20, 21
            program.byte(2, 0x80, 1)
            program.endSequence()
        }
        // Relative to 0x1010, then the end.
        for number in [.max, 0x1010, 0x10, 0x20, 0, 0] as [UInt64] { ranges.number(number) }
        guard hasAddressRanges else { return }
        addressRanges.counted { set in
            set.number(UInt16(2))
            set.number(UInt32(0))
            set.byte(8, 0, 0, 0, 0, 0)
            for number in [0x1000, 0x100, 0, 0] as [UInt64] { set.number(number) }
        }
    }

    private mutating func makeAbbreviations(rootHasCode: Bool) {
        let code: [(UInt64, UInt64)] = rootHasCode ? [(0x11, 0x01), (0x12, 0x07)] : []
        abbreviations.abbreviation(
            1, tag: 0x11, hasChildren: true, [(0x10, 0x17), (0x1b, 0x08)] + code)
        // A function with code, an abstract one, an inlined one by bounds, one by ranges, a block.
        abbreviations.abbreviation(
            2, tag: 0x2e, hasChildren: true, [(0x03, 0x08), (0x11, 0x01), (0x12, 0x06)])
        abbreviations.abbreviation(
            3, tag: 0x2e, hasChildren: false, [(0x03, 0x08), (0x6e, 0x08), (0x31, 0x13)])
        abbreviations.abbreviation(
            4, tag: 0x1d, hasChildren: true,
            [(0x31, 0x13), (0x11, 0x01), (0x12, 0x06), (0x58, 0x0b), (0x59, 0x0b)])
        abbreviations.abbreviation(
            5, tag: 0x1d, hasChildren: false,
            [(0x31, 0x13), (0x55, 0x17), (0x58, 0x0b), (0x59, 0x0f)])
        abbreviations.abbreviation(6, tag: 0x0b, hasChildren: true, [])
        abbreviations.abbreviation(7, tag: 0x34, hasChildren: true, [(0x01, 0x13), (0x03, 0x08)])
        abbreviations.abbreviation(8, tag: 0x34, hasChildren: false, [])
        abbreviations.byte(0)
    }

    private mutating func makeInformation(rootHasCode: Bool, innerIsItsOwnOrigin: Bool) {
        information.unit(version: 4) { unit in
            // The header is 11 bytes, of which `unit` has 7.
            func offset() -> UInt32 { UInt32(unit.count) + 4 }
            unit.byte(1)
            unit.number(UInt32(0))
            unit.text("/src")
            if rootHasCode {
                unit.number(UInt64(0x1000))
                unit.number(UInt64(0x100))
            }
            let middle = offset()
            unit.byte(3)
            unit.text("middle")
            unit.text("_middle")
            unit.number(UInt32(0))
            let inner = offset()
            unit.byte(3)
            unit.text("inner")
            unit.byte(0)  // no linkage name
            unit.number(innerIsItsOwnOrigin ? inner : 0)
            unit.byte(2)
            unit.text("outer")
            unit.number(UInt64(0x1000))
            unit.number(UInt32(0x100))
            // A variable with a child; its sibling comes behind that.
            unit.byte(7)
            unit.number(offset() + 8)
            unit.text("v")
            unit.byte(8, 0)
            unit.byte(6, 4)  // a block, and in it `middle`
            unit.number(middle)
            unit.number(UInt64(0x1010))
            unit.number(UInt32(0x30))
            unit.byte(1, 12, 5)  // called in line 12; in it `inner`, called in line 300
            unit.number(inner)
            unit.number(UInt32(0))
            unit.byte(1)
            unit.uleb(300)
            unit.byte(0, 0, 0, 0)
        }
    }
}
