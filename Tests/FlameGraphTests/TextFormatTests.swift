import Foundation
import ProfileModel
import Testing

@testable import FlameGraph

@Suite struct TextFormatTests {
    @Test func `folds equal stacks into one line, sorted`() {
        #expect(FoldedStacks.text(profile("b;c 2\na 1\nb;c 3")) == "a 1\nb;c 5\n")
        #expect(FoldedStacks.text(profile("")).isEmpty)
    }

    @Test func `marks kernel frames and counts samples where that is wanted`() {
        let text = FoldedStacks.text(
            profile("main;read_[k] 30\nmain 20"), kernelSuffix: "_[k]", divisor: 10)
        #expect(text == "main 2\nmain;read_[k] 3\n")
    }

    @Test func `a semicolon or a line end in a name makes no second frame`() {
        var table = StackTable()
        let location = table.intern(
            Location(named: [Line(function: Function(name: "a;b\nc"))], kind: .native, module: ""))
        let stack = table.intern(stack: [location])
        let whole = MergedProfile(
            type: .cpu, range: nil, period: 1, table: table,
            values: [StackValue(stack: stack, value: 1)])
        #expect(FoldedStacks.text(whole) == "a:b c 1\n")
    }

    @Test func `shows inlined functions outermost first`() {
        var table = StackTable()
        let leaf = table.intern(
            Location(
                named: [
                    Line(function: Function(name: "inlined")), Line(function: Function(name: "f")),
                ], kind: .native, module: ""))
        let root = table.intern(
            Location(named: [Line(function: Function(name: "main"))], kind: .native, module: ""))
        let stack = table.intern(stack: [leaf, root])
        let whole = MergedProfile(
            type: .cpu, range: nil, period: 1, table: table,
            values: [StackValue(stack: stack, value: 1)])
        #expect(FoldedStacks.text(whole) == "main;f;inlined 1\n")
    }

    @Test func `a function in a stack twice counts once in its total`() {
        let table = TopTable(profile("main;f;g;f 3\nmain;g 2"))
        let rows = Dictionary(uniqueKeysWithValues: table.rows.map { ($0.name.text, $0) })
        #expect(rows["f"]?.own == 3)
        #expect(rows["f"]?.total == 3)
        #expect(rows["g"]?.own == 2)
        #expect(rows["g"]?.total == 5)
        #expect(rows["main"]?.total == 5)
        #expect(table.rows.map(\.name.text) == ["f", "g", "main"])
        #expect(table.text(rows: 1).contains("… and 2 more functions"))
    }

    @Test(
        arguments: [
            (0, "nanoseconds", "0 ns"), (999, "nanoseconds", "999 ns"),
            (1_500, "nanoseconds", "1.50 µs"),
            (10_309_278, "nanoseconds", "10.31 ms"), (90_000_000_000, "nanoseconds", "90.00 s"),
            (1536, "bytes", "1.50 KiB"), (7, "count", "7 count"),
            (-2_500, "nanoseconds", "-2.50 µs"),
        ] as [(Int64, String, String)])
    func `writes values for people`(value: Int64, unit: String, text: String) {
        #expect(ReadableValue.text(value, unit: unit) == text)
    }

    @Test func `writes the largest and smallest values without trapping`() {
        for unit in ["nanoseconds", "bytes", "count"] {
            #expect(!ReadableValue.text(.max, unit: unit).isEmpty)
            #expect(!ReadableValue.text(.min, unit: unit).isEmpty)
        }
    }

    @Test func `draws well-formed XML, whatever the names hold`() throws {
        let svg = FlameGraphSVG.text(
            profile("main;<b>&\"'\u{1} 3\nmain;]]> 2\nmain;é🔥 1"), title: "a <title> & more")
        let file = NSTemporaryDirectory() + "hearth-\(UUID().uuidString).svg"
        try svg.write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", "import sys, xml.dom.minidom as m; m.parse(sys.argv[1])", file]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
