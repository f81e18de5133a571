import ProfileModel
import Testing

@testable import Symbolication

@Suite struct PerfMapTests {
    private func map(_ text: String, pieces: [Int] = []) -> PerfMap {
        var map = PerfMap()
        let bytes = Array(text.utf8)
        var start = 0
        for end in pieces + [bytes.count] {
            map.append(Array(bytes[start..<end]).span.bytes)
            start = end
        }
        return map
    }

    private func name(_ map: PerfMap, _ address: UInt64) -> String? {
        map.line(at: ProcessAddress(address))?.function.systemName
    }

    private static let text = """
        1000 20 first
        1020 10 void java.util.HashMap.resize(int, long)
        0x0000000000002000 0x0000000000000008 [B LambdaForm$MH.0x00
        ffffFFFFffffff00 10 last

        """

    @Test func `reads numbers and names with blanks`() {
        let map = map(Self.text)
        for (address, expected) in [
            (0xfff, nil), (0x1000, "first"), (0x101f, "first"),
            (0x1020, "void java.util.HashMap.resize(int, long)"), (0x1030, nil),
            (0x2007, "[B LambdaForm$MH.0x00"), (0xffff_ffff_ffff_ff0f, "last"),
            (0xffff_ffff_ffff_ff10, nil), (.max, nil), (0, nil),
        ] as [(UInt64, String?)] {
            #expect(name(map, address) == expected)
        }
        #expect(map.count == 4 && map.badLines == 0)
    }

    @Test func `reads on wherever the file was torn`() {
        for end in 0...Self.text.utf8.count {
            let map = map(Self.text, pieces: [end])
            #expect(map.count == 4 && map.badLines == 0, "at \(end)")
            #expect(name(map, 0x1020) == "void java.util.HashMap.resize(int, long)")
        }
        let bytes = map(Self.text, pieces: Array(1..<Self.text.utf8.count))
        #expect(bytes.count == 4 && bytes.badLines == 0)
    }

    @Test func `a line without its end is not read yet`() {
        var map = map("1000 20 first\n2000 20 sec")
        #expect(name(map, 0x2000) == nil)
        map.append(Array("ond\n".utf8).span.bytes)
        #expect(name(map, 0x2000) == "second")
    }

    @Test func `code at a place that was used before has its own name`() {
        let map = map("1000 40 old\n1000 20 new\n1080 10 a\n1080 10 b\n")
        #expect(name(map, 0x1000) == "new")
        #expect(name(map, 0x1080) == "b")
    }

    @Test(arguments: [
        "", " ", "1000", "1000 ", "1000 20", "1000 20 ", "1000  20 x", " 1000 20 x", "g 20 x",
        "1000 0 x",
        "1000 g x", "10000000000000000 20 x", "1000 10000000000000000 x", "1000 fffffffff x",
        "ffffffffffffffff 2 x", "-1 20 x", "0x 20 x", "00x1 20 x", "\t\t\t", "1000\t20\tx",
        "\0\0 \0",
    ])
    func `a line that tells no function is counted`(_ line: String) {
        let map = map("5000 10 before\n\(line)\n6000 10 after\n")
        #expect(map.badLines == 1)
        #expect(map.count == 2)
        #expect(name(map, 0x6000) == "after")
    }

    @Test func `a name without an end is cut, and what follows is read`() {
        let long = String(repeating: "n", count: 100_000)
        for pieces in [[], [5], [20_000], [60_000, 90_000]] {
            let map = map("1000 20 \(long)\n2000 20 next\n", pieces: pieces)
            let cut = name(map, 0x1000)
            #expect(cut?.utf8.count ?? 0 >= 16_384 && long.hasPrefix(cut ?? "-"))
            #expect(name(map, 0x2000) == "next")
        }
    }

    @Test func `bytes that are no text are shown as such`() {
        var map = PerfMap()
        map.append(([UInt8]("10 10 ".utf8) + [0xff, 0x41, 0x0a]).span.bytes)
        #expect(name(map, 0x10) == "\u{fffd}A")
    }

    @Test func `names of scripts are taken apart`() {
        let map = map("10 10 JS:*parse /srv/a b.js:12:3\n20 10 Builtin:ArrayMap\n")
        let line = map.line(at: ProcessAddress(0x18))
        #expect(
            line
                == Line(
                    function: Function(
                        name: "parse", systemName: "JS:*parse /srv/a b.js:12:3", file: "/srv/a b.js"
                    ),
                    number: 12))
        #expect(
            map.line(at: ProcessAddress(0x20)) == Line(function: Function(name: "Builtin:ArrayMap"))
        )
    }

    @Test func `a quarter of a million lines are read in pieces`() {
        var text: [UInt8] = []
        for number in 0..<250_000 {
            let start = 0x7f00_0000_0000 + number * 7919 % 250_000 * 64
            text += "\(String(start, radix: 16)) 50 JS:*function\(number) /srv/app.js:1:2\n".utf8
        }
        var map = PerfMap()
        for place in stride(from: 0, to: text.count, by: 1 << 20) {
            map.append(Array(text[place..<min(place + 1 << 20, text.count)]).span.bytes)
        }
        #expect(map.count == 250_000 && map.dropped == 0)
    }
}
