import ByteReading
import Checks
import Driver
import ProfileModel

@testable import Unwinding

/// Rows from hostile sections: laid out as their readers rely on, found at any address, and the same
/// rules as the full call frame information has.
///
///     u8 flags │ u8 pages between two segments │ u16 probe │ u16 length of .eh_frame │ .eh_frame │ .debug_frame
@main
struct UnwindRows: FuzzTarget {
    private static let sectionAddress: UInt64 = 0x10_0000

    static func run(_ input: RawSpan) {
        var reader = ByteReader(input)
        guard let flags = try? reader.read(UInt8.self), let gap = try? reader.read(UInt8.self),
            let probe = try? reader.read(UInt16.self), let length = try? reader.read(UInt16.self)
        else { return }
        let rest = input.extracting(reader.offset..<input.byteCount)
        let ehFrame = rest.extracting(first: Int(length))
        // Of one description, both sections would have to agree; apart, each is compared.
        let debugFrame = rest.extracting(droppingFirst: ehFrame.byteCount)
        let sections = UnwindSections(
            code: code(flags, gap), ehFrame: ehFrame, at: ImageAddress(sectionAddress),
            debugFrame: debugFrame)
        guard let table = try? UnwindTable.build(from: sections) else { return }
        table.check()
        lookUp(probe, in: table)
        RowComparison(sections, table).run()
    }

    /// One segment, or two with pages between them.
    private static func code(_ flags: UInt8, _ gap: UInt8) -> [Range<ImageAddress>] {
        let start: UInt64 = flags & 1 == 0 ? 0x1010 : 0
        let middle: UInt64 = 0x4_0123
        let next = middle + UInt64(gap) << 16
        if flags & 2 != 0 { return [ImageAddress(start)..<ImageAddress(next + 0x8_0000)] }
        return [
            ImageAddress(next)..<ImageAddress(next + 0x4_0000),
            ImageAddress(start)..<ImageAddress(middle),
        ]
    }

    /// Whatever the address, there is a rule.
    private static func lookUp(_ probe: UInt16, in table: UnwindTable) {
        for address in [0, UInt64(probe), table.baseAddress.value &- 1, UInt64.max] {
            _ = table.rule(at: ImageAddress(address))
        }
        for page in 0...UInt64(min(table.pages.count, 32)) {
            let start = table.baseAddress.value &+ page << 16
            for address in [start, start &+ UInt64(probe), start &+ 0xffff] {
                _ = table.rule(at: ImageAddress(address))
            }
        }
    }
}
