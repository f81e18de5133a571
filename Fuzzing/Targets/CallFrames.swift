import ByteReading
import Driver
import ProfileModel

@testable import Unwinding

/// `.eh_frame` and `.debug_frame`: every entry, every row of every frame description, and callers by
/// them.
///
///     u8 bit 0: .debug_frame │ section
@main
struct CallFrames: FuzzTarget {
    private static let address: UInt64 = 0x10_0000

    static func run(_ input: RawSpan) {
        var reader = ByteReader(input)
        guard let flags = try? reader.read(UInt8.self) else { return }
        let section = CallFrameSection(
            flags & 1 == 0 ? .ehFrame : .debugFrame,
            bytes: input.extracting(1..<input.byteCount), address: address)
        let index = CallFrameIndex(section)
        check(index, section)
        let unwinder = ReferenceUnwinder(section)
        for description in index.descriptions.prefix(32) {
            for address in [description.start, description.end - 1] {
                leave(address, unwinder)
            }
        }
    }

    /// Descriptions are in order and not empty; rows lie within theirs, in order and without gaps.
    private static func check(_ index: CallFrameIndex, _ section: borrowing CallFrameSection) {
        var machine = CallFrameMachine()
        var last: UInt64 = 0
        for description in index.descriptions {
            precondition(description.start >= last && description.start < description.end)
            last = description.start
            let common = index.commons[Int(description.common)]
            var end = description.start
            var isWhole = true
            do {
                try machine.run(description, common, in: section) { start, next, _ in
                    precondition(start == end && start < next)
                    end = next
                }
            } catch {
                isWhole = false
            }
            precondition(isWhole ? end == description.end : end < description.end)
        }
    }

    private static func leave(_ address: UInt64, _ unwinder: borrowing ReferenceUnwinder) {
        var registers = RegisterFile()
        for number in 0..<UInt8(Register.count) { registers[number] = UInt64(number) << 12 | 8 }
        _ = try? unwinder.caller(of: registers, at: .init(address), loadBias: 1 << 40) {
            $0 % 7 == 0 ? nil : $0 &* 0x9e37_79b9
        }
    }
}
