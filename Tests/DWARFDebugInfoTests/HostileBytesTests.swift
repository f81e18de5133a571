import ProfileModel
import Testing

@testable import DWARFDebugInfo

/// A smoke test of what the fuzzer does at length: whatever the bytes, nothing traps or hangs.
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

    /// Asks for all that the sections may be asked for.
    private func ask(
        _ sections: [DebugSection: [UInt8]], split: [DebugSection: [UInt8]] = [:],
        at addresses: [UInt64]
    ) {
        var info = DebugInfo(
            DebugSections(sections), supplement: DebugSections(sections),
            package: DebugSections(split), byteBudget: 1 << 16
        ) { _ in DebugSections(split) }
        for address in addresses { _ = try? info.frames(at: ImageAddress(address)) }
    }

    private static let commands = [
        "gcc -O2 -g -gdwarf-4", "clang -O2 -g -gdwarf-5", "gcc -O2 -g -gdwarf-5 -gsplit-dwarf",
    ]

    private func load(
        _ command: String
    ) throws -> (image: [DebugSection: [UInt8]], split: [DebugSection: [UInt8]], [UInt64])? {
        guard let program = try CompiledProgram(command) else { return nil }
        let elf = try ELFSections(program.path)
        let directory = program.directory
        let list = try CompiledProgram.run("ls \(directory)/*.dwo").split(separator: "\n")
        let split =
            command.hasSuffix("-gsplit-dwarf")
            ? try ELFSections(String(try #require(list.first)), isSplit: true).sections : [:]
        var info = DebugInfo(DebugSections(elf.sections)) { _ in DebugSections(split) }
        // The deepest chain, and one of each length.
        var addresses: [Int: UInt64] = [:]
        for address in elf.code.flatMap({ Array($0) }) {
            let count = try info.frames(at: ImageAddress(address)).count
            if count > 0, addresses[count] == nil { addresses[count] = address }
        }
        try #require(addresses.count >= 3)
        return (elf.sections, split, Array(addresses.values) + [0])
    }

    @Test(.timeLimit(.minutes(2)), arguments: commands)
    func `sections cut at any byte never trap`(command: String) throws {
        guard let (image, split, addresses) = try load(command) else { return }
        ask(image, split: split, at: addresses)
        for section in DebugSection.allCases {
            for count in 0..<(image[section]?.count ?? 0) {
                var cut = image
                cut[section] = Array(image[section, default: []].prefix(count))
                ask(cut, split: split, at: addresses)
            }
            for count in 0..<(split[section]?.count ?? 0) {
                var cut = split
                cut[section] = Array(split[section, default: []].prefix(count))
                ask(image, split: cut, at: addresses)
            }
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: commands)
    func `changed bytes never trap`(command: String) throws {
        guard let (image, split, addresses) = try load(command) else { return }
        var generator = Generator(state: 0x9e37_79b9_7f4a_7c15)
        for _ in 0..<1500 {
            ask(
                mutate(image, &generator), split: mutate(split, &generator), at: addresses)
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `small programs with changed bytes never trap`(seed: UInt64) {
        var generator = Generator(state: seed &* 0x9e37_79b9_7f4a_7c15)
        let program = SmallProgram(rootHasCode: seed % 2 == 0, hasAddressRanges: seed > 2)
        for _ in 0..<1500 {
            let sections = mutate(program.sections, &generator)
            ask(sections, split: sections, at: [0, 0x1000, 0x1025, 0x10ff])
        }
    }

    @Test func `lists without an end cost a bounded amount of work`() {
        var abbreviations = DebugBytes()
        abbreviations.abbreviation(1, tag: 0x11, hasChildren: true, [(0x11, 0x01), (0x12, 0x07)])
        abbreviations.abbreviation(2, tag: 0x2e, hasChildren: false, [(0x55, 0x17)])
        abbreviations.byte(0)
        var information = DebugBytes()
        information.unit(version: 4) { unit in
            unit.byte(1)
            unit.number(UInt64(0x1000))
            unit.number(UInt64(0x1000))
            for _ in 0..<100_000 { unit.byte(2, 0, 0, 0, 0) }
        }
        var info = DebugInfo(
            DebugSections([
                .information: information.bytes, .abbreviations: abbreviations.bytes,
                .ranges: [UInt8](repeating: 1, count: 4 << 20),
            ]))
        for _ in 0..<3 {
            let error = #expect(throws: DWARFError.self) {
                try info.frames(at: ImageAddress(0x1000))
            }
            #expect(error?.code == .tooMuchWork)
        }
        // Malformed once, it is not read again.
        #expect(info.entriesRead < 2 * UInt64(WorkBudget.perQuestion))
    }

    @Test func `entries that nest without end are too deep`() {
        var sections = SmallProgram().sections
        sections[.lines] = []
        sections[.information]?.replaceSubrange(0..<4, with: [0, 0xff, 0, 0])
        sections[.information]?.removeLast(4)  // the ends of lists of children
        sections[.information]? += [UInt8](repeating: 6, count: 1 << 16)
        var info = DebugInfo(DebugSections(sections))
        let error = #expect(throws: DWARFError.self) {
            try info.frames(at: ImageAddress(0x1100 - 1))
        }
        #expect(error?.code == .tooDeep)
    }

    private func mutate(
        _ sections: [DebugSection: [UInt8]], _ generator: inout Generator
    ) -> [DebugSection: [UInt8]] {
        var sections = sections
        // In a fixed order: a dictionary has none.
        for section in DebugSection.allCases where generator.next() % 2 == 0 {
            guard var bytes = sections[section], !bytes.isEmpty else { continue }
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch generator.next() % 5 {
                case 0: bytes.remove(at: index)
                case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
                case 2: bytes[index] = [0, 0xff, 0x7f, 0x80][Int(generator.next() % 4)]
                case 3: bytes[index] ^= 1 << UInt8(generator.next() % 8)
                default:
                    for place in index..<min(index + 4, bytes.count) { bytes[place] = 0xff }
                }
            }
            sections[section] = bytes
        }
        return sections
    }

    @Test func `units that are all length and nothing else are given up`() {
        let zeros = DebugSections([.information: [UInt8](repeating: 0, count: 8 << 20)])
        var info = DebugInfo(zeros)
        for address in [0x1000, 0x2000] as [UInt64] {
            _ = try? info.frames(at: ImageAddress(address))
        }
        #expect(info.entriesRead < 1 << 21, "of two million units")
    }
}
