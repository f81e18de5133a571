import Testing

@testable import Unwinding

@Suite struct GoLineSearchTests {
    private func lines(_ version: GoLineBytes.Version = .go18) -> [UInt8] {
        var lines = GoLineBytes(version: version)
        lines.functions = [.init(name: "main.main", start: 0x1_1000, deltas: [(1, 0x100)])]
        return lines.bytes
    }

    private func padding(_ count: Int) -> [UInt8] { [UInt8](repeating: 0xab, count: count) }

    @Test(arguments: GoLineBytes.Version.allCases)
    func `finds a line table among other data`(version: GoLineBytes.Version) {
        let bytes = padding(64) + lines(version) + padding(100)
        #expect(GoLineSearch.offsets(in: bytes.span.bytes) == [64])
    }

    @Test func `passes over headers without functions`() {
        let empty = GoLineBytes().bytes
        var long = lines()
        long[15] = 0xff  // of the count of functions
        for bytes in [empty, long, Array(lines().prefix(90))] {
            #expect(GoLineSearch.offsets(in: bytes.span.bytes).isEmpty)
        }
    }

    @Test func `passes over headers of other versions`() {
        var bytes = lines()
        bytes[0] = 0xf9
        #expect(GoLineSearch.offsets(in: bytes.span.bytes).isEmpty)
    }

    @Test func `stops at many`() {
        var bytes: [UInt8] = []
        for _ in 0..<GoLineSearch.maximumCount + 4 {
            bytes += lines()
            bytes += padding(-bytes.count & 7)
        }
        #expect(GoLineSearch.offsets(in: bytes.span.bytes).count == GoLineSearch.maximumCount)
    }

    @Test func `every truncation is survived`() {
        let bytes = padding(8) + lines()
        for count in 0..<bytes.count {
            let part = Array(bytes[..<count])
            #expect(GoLineSearch.offsets(in: part.span.bytes).allSatisfy { $0 == 8 })
        }
    }
}
