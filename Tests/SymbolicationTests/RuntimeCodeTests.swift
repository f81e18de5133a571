import Testing

@testable import Symbolication

@Suite struct RuntimeCodeTests {
    private func code(
        _ functions: [(UInt64, UInt64, String)], limits: RuntimeCode.Limits = RuntimeCode.Limits()
    ) -> RuntimeCode {
        var code = RuntimeCode(limits: limits)
        for (start, size, name) in functions {
            code.add(start: start, size: size, name: Array(name.utf8).span.bytes)
        }
        code.settle()
        return code
    }

    /// As `name@start+length`, a `-` for what holds nothing in between.
    private func picture(_ code: RuntimeCode, _ addresses: Range<UInt64>) -> String {
        addresses.map { code.answer(at: $0)?.name ?? "-" }.joined()
    }

    struct Overlap: Sendable {
        let name: String
        let functions: [(UInt64, UInt64, String)]
        let expected: String
    }

    static let overlaps = [
        Overlap(name: "apart", functions: [(2, 2, "a"), (5, 2, "b")], expected: "--aa-bb---"),
        Overlap(
            name: "out of order", functions: [(5, 2, "b"), (2, 2, "a")], expected: "--aa-bb---"),
        Overlap(
            name: "the same place", functions: [(2, 4, "a"), (2, 4, "b")], expected: "--bbbb----"),
        Overlap(name: "shorter", functions: [(2, 4, "a"), (2, 2, "b")], expected: "--bbaa----"),
        Overlap(name: "longer", functions: [(2, 2, "a"), (1, 5, "b")], expected: "-bbbbb----"),
        Overlap(
            name: "over the end", functions: [(2, 4, "a"), (4, 4, "b")], expected: "--aabbbb--"),
        Overlap(
            name: "over the beginning", functions: [(4, 4, "a"), (2, 4, "b")],
            expected: "--bbbbaa--"),
        Overlap(name: "inside", functions: [(1, 8, "a"), (4, 2, "b")], expected: "-aaabbaaa-"),
        Overlap(
            name: "over several", functions: [(1, 2, "a"), (3, 2, "b"), (5, 2, "c"), (2, 4, "d")],
            expected: "-addddc---"),
        Overlap(
            name: "a pair, and the first again",
            functions: [(1, 4, "a"), (3, 4, "b"), (1, 4, "c")], expected: "-ccccbb---"),
        Overlap(name: "nothing", functions: [(2, 0, "a")], expected: "----------"),
    ]

    @Test(arguments: overlaps)
    func `what came last counts`(_ overlap: Overlap) {
        #expect(picture(code(overlap.functions), 0..<10) == overlap.expected, "\(overlap.name)")
        // The same when each is settled before the next one comes.
        var piecewise = RuntimeCode()
        for (start, size, name) in overlap.functions {
            piecewise.add(start: start, size: size, name: Array(name.utf8).span.bytes)
            piecewise.settle()
        }
        #expect(picture(piecewise, 0..<10) == overlap.expected, "\(overlap.name)")
    }

    @Test func `agrees with one cell per address, whatever comes`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var cells = [String](repeating: "-", count: 64)
            var functions: [(UInt64, UInt64, String)] = []
            for number in 0..<UInt64.random(in: 1...40, using: &random) {
                let start = UInt64.random(in: 0..<60, using: &random)
                let size = UInt64.random(in: 1...(64 - start), using: &random)
                functions.append((start, size, "\(number),"))
                for cell in start..<start + size { cells[Int(cell)] = "\(number)," }
            }
            let flat = code(functions)
            #expect(picture(flat, 0..<64) == cells.joined(), "\(functions)")
            #expect(zip(flat.ranges, flat.ranges.dropFirst()).allSatisfy { $0.end <= $1.start })
        }
    }

    @Test func `refuses addresses that make no sense`() {
        let edge = code([
            (.max, 1, "a"), (.max - 1, 1, "b"), (0, .max, "c"), (0x1000, 1 << 32, "d"), (5, 5, ""),
        ])
        #expect(edge.functions.count == 1)
        #expect(edge.answer(at: .max - 1)?.name == "b")
        #expect(edge.answer(at: .max) == nil)
        #expect(edge.answer(at: 0) == nil)
    }

    @Test func `when there are too many the oldest go`() {
        let limits = RuntimeCode.Limits(functions: 10, nameBytes: 1 << 20, rows: 16, fileBytes: 0)
        let full = code((0..<25).map { (UInt64($0) * 16, 16, "f\($0)") }, limits: limits)
        #expect(full.answer(at: 24 * 16)?.name == "f24")
        #expect(full.answer(at: 20 * 16)?.name == "f20")
        #expect(full.answer(at: 0) == nil)
        #expect(full.functions.count <= 10 && full.ranges.count <= 10)
        #expect(full.dropped + UInt64(full.functions.count) == 25)
    }

    @Test func `names that were written over make room first`() {
        let limits = RuntimeCode.Limits(functions: 100, nameBytes: 40, rows: 16, fileBytes: 0)
        let names = (0..<50).map { (UInt64($0 % 3) * 16, UInt64(16), "name\($0 % 10)") }
        let full = code(names, limits: limits)
        #expect(full.answer(at: 0)?.name == "name8")
        #expect(full.answer(at: 16)?.name == "name9")
        #expect(full.answer(at: 32)?.name == "name7")
        #expect(full.dropped == 0)
        #expect(full.names.count <= 40)
    }

    @Test func `half a million functions over each other take no minute`() {
        let start = ContinuousClock.now
        var large = RuntimeCode()
        for number in UInt64(0)..<500_000 {
            // Each over others that were there; a run in order would be easy.
            let place = number &* 0x9e37_79b9_7f4a_7c15 >> 40
            large.add(start: place, size: 1 + number % 64, name: Array("f".utf8).span.bytes)
        }
        large.settle()
        #expect(!large.ranges.isEmpty)
        #expect(ContinuousClock.now - start < .seconds(30))
    }
}
