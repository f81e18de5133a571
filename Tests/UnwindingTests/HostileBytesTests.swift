import CSampleABI
import ProfileModel
import Testing

@testable import Unwinding

/// A smoke test of what the fuzzer does at length: whatever the bytes, nothing traps, and what comes
/// out keeps its promises.
@Suite struct HostileBytesTests {
    /// The same bytes on each run.
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }

    private static let code = [ImageAddress(0x1000)..<ImageAddress(0x8_0000)]

    private static var callFrames: [UInt8] {
        var section = CallFrameBytes()
        section.augmentation = "zPLR"
        section.augmentationData = [0x9b, 1, 2, 3, 4, 0x1b]
        section.common(CallFrameBytes.callInstructions + [0x0a, 0x0b])
        section.description(
            start: 0x1_2000, length: 0x100,
            [0x44, 0x0e, 16, 0x86, 2, 0x0a, 0x43, 0x0d, 6, 0x02, 9, 0x0b, 0x10, 3, 2, 0x76, 8])
        section.description(
            start: 0x1_2100, length: 0x2_0000,
            [0x0f, 11, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22, 0x09, 6, 9])
        section.description(
            start: 0x1_2180, length: 0x20,
            [0x0f, 5, 0x77, 0x10, 0x06, 0x23, 8, 0x03, 1, 0, 0x2e, 4])
        return section.bytes
    }

    private static var goLines: [UInt8] {
        var lines = GoLineBytes()
        lines.functions = [
            .init(name: "main.main", start: 0x1_1000, deltas: [(1, 4), (32, 0x3c), (-32, 0x10)]),
            .init(name: "runtime.systemstack", start: 0x1_1100, deltas: [(1, 0x20)]),
            .init(name: "runtime.goexit", start: 0x1_1200, deltas: [(1, 0x20)]),
        ]
        return lines.bytes
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `mutated sections never trap`(seed: UInt64) throws {
        var generator = Generator(state: seed &* 0x9e37_79b9_7f4a_7c15)
        for _ in 0..<400 {
            let frames = mutate(Self.callFrames, &generator)
            let lines = mutate(Self.goLines, &generator)
            let table = try? UnwindTable.build(
                from: UnwindSections(
                    code: Self.code, ehFrame: frames.span.bytes,
                    at: ImageAddress(CallFrameBytes.address), debugFrame: frames.span.bytes,
                    goLines: lines.span.bytes, goText: ImageAddress(0x1_1000)))
            if let table { check(table) }
            unwind(frames, &generator)
        }
    }

    private func mutate(_ bytes: [UInt8], _ generator: inout Generator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...6, using: &generator) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch generator.next() % 6 {
            case 0: bytes.remove(at: index)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
            case 2: bytes[index] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &generator) ?? 0
            case 3: bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            case 4: bytes.append(contentsOf: bytes[index...])
            default: bytes[index] = UInt8.random(in: 0...255, using: &generator)
            }
        }
        return bytes
    }

    private func check(_ table: UnwindTable) {
        var next = 0
        var isSound = table.rules.count <= Int(MAX_RULES)
        for range in table.pages where !range.isEmpty {
            isSound = isSound && range.lowerBound == next && table.rows[next] & 0xffff == 0
            next = range.upperBound
            let offsets = table.rows[range].map { $0 & 0xffff }
            isSound = isSound && zip(offsets, offsets.dropFirst()).allSatisfy { $0 < $1 }
        }
        isSound = isSound && next == table.rows.count
        isSound = isSound && table.rows.allSatisfy { Int($0 >> 16) < table.rules.count }
        #expect(isSound)
        _ = table.rule(at: ImageAddress(0x1_2004))
    }

    private func unwind(_ frames: [UInt8], _ generator: inout Generator) {
        let unwinder = ReferenceUnwinder(
            CallFrameSection(.ehFrame, bytes: frames.span.bytes, address: CallFrameBytes.address))
        var registers = RegisterFile()
        for number in 0...16 as ClosedRange<UInt8> { registers[number] = generator.next() }
        for address in [0x1_2000, 0x1_2010, 0x1_2150, 0x1_2190] as [UInt64] {
            _ = try? unwinder.caller(
                of: registers, at: ImageAddress(address), loadBias: 0,
                memory: { $0 % 3 == 0 ? nil : $0 })
        }
    }
}
