import ByteReading
import Checks
import Driver
import ProfileModel

@testable import Unwinding

/// Go's line table: its functions, their stack pointer deltas and rows, and the search for it.
///
///     u8 flags │ u16 length of the code of asmcgocall │ that code │ .gopclntab
@main
struct GoLines: FuzzTarget {
    private static let text = ImageAddress(0x1_1000)
    private static let code = [ImageAddress(0x1000)..<ImageAddress(0x10_0000)]

    static func run(_ input: RawSpan) {
        var reader = ByteReader(input)
        guard let flags = try? reader.read(UInt8.self), let length = try? reader.read(UInt16.self)
        else { return }
        let rest = input.extracting(reader.offset..<input.byteCount)
        let code = rest.extracting(first: Int(length))
        let lines = rest.extracting(droppingFirst: code.byteCount)
        let bytes = [UInt8](copying: code)
        _ = GoLineSearch.offsets(in: lines)
        if let table = GoLineTable(lines, text: flags & 1 == 0 ? text : nil) { check(table) }
        let sections = UnwindSections(
            code: Self.code, goLines: lines, goText: flags & 1 == 0 ? text : nil)
        let table = try? UnwindTable.build(from: sections) { _ in flags & 2 == 0 ? bytes : nil }
        table?.check()
    }

    /// Functions are in order; deltas are in order, and within their function.
    private static func check(_ table: borrowing GoLineTable) {
        _ = table.isSound
        var last: UInt64 = 0
        for function in table.functions().functions {
            precondition(function.start &+ 1 >= last && function.start < function.end)
            last = function.end
            var end = function.start
            let isWhole = table.forEachDelta(of: function) { start, next, delta in
                precondition(start == end && start < next && next <= function.end)
                precondition(0...GoFunction.maximumDelta ~= delta)
                end = next
            }
            precondition(isWhole || end <= function.end)
        }
    }
}
