import CSampleABI
import Glibc
import ProfileModel
import Testing

@testable import Unwinding

/// The rules against full call frame information: wherever each rule of libraries found here holds,
/// from made-up registers and memory, both must come to the same caller.
@Suite struct CompactionOracleTests {
    @Test(arguments: OracleTests.images) func `rules lead to the same callers`(path: String) throws
    {
        let file = try #require(ImageFile(path))
        let (bytes, sectionAddress) = file.section(".eh_frame")
        let table = try file.table()
        let unwinder = ReferenceUnwinder(
            CallFrameSection(.ehFrame, bytes: bytes.span.bytes, address: sectionAddress.value))
        var generator = HostileBytesTests.Generator(state: 0x5eed)
        var differences: [UInt64] = []
        for address in addresses(of: table) {
            var frame = RegisterFile()
            for number in 0...16 as ClosedRange<UInt8> { frame[number] = generator.next() }
            let rule = table.rule(at: ImageAddress(address))
            let expected: ReferenceUnwinder.Caller?
            do throws(UnwindFailure) {
                expected = try unwinder.caller(
                    of: frame, at: ImageAddress(address), loadBias: 0, memory: word)
            } catch .notCovered {
                // Alignment between functions, where the row before goes on.
                continue
            }
            if rule == .unsupported { continue }
            let found = RuleWalker.caller(of: frame, rule, memory: word)
            let isSame =
                found?.registers.stackPointer == expected?.registers.stackPointer
                && found?.registers.instructionPointer == expected?.registers.instructionPointer
                && found?.isInterrupted == expected?.isInterrupted
                && (rule.hasLostFramePointer
                    || found?.registers.framePointer == expected?.registers.framePointer)
            if !isSame { differences.append(address) }
        }
        #expect(differences.isEmpty)
    }

    /// Where rows begin and the last byte of those before; of each rule some.
    private func addresses(of table: UnwindTable) -> [UInt64] {
        var counts = [Int](repeating: 0, count: table.rules.count)
        var addresses: [UInt64] = []
        for (page, range) in table.pages.enumerated() {
            for row in table.rows[range] {
                let index = Int(row >> 16)
                counts[index] += 1
                if counts[index] > 40 || table.rules[index] == .unsupported { continue }
                let address = table.baseAddress.value + UInt64(page) << 16 + UInt64(row & 0xffff)
                addresses += [address, address &- 1]
            }
        }
        return addresses
    }

    private func word(at address: UInt64) -> UInt64? { (address ^ 0x5bd1_e995) &* 0x9e37_79b9 }
}
