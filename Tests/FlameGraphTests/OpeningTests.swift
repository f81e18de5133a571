import Foundation
import ProfileModel
import Testing

@testable import FlameGraph

/// Pictures open in the programs they are for, whatever the names hold.
@Suite struct OpeningTests {
    static let hostile = [
        "<script>document.title='broken'</script>",
        "</script><script>document.title='broken'</script>",
        "\"><img src=x onerror=\"document.title='broken'\">", "'; alert(1); //", "<!--", "]]>",
        "\u{202e}gnp.exe\u{202c} reversed", "\u{202e}never closed", "مرحبا::العالم", "🔥 emoji",
        "bad \u{fffd} bytes", "line\nbreak\ttab\u{1}", "back\\slash \\N \\l", "&amp;&lt;",
        "__proto__",
        "{a|b}", "%s%n", String(repeating: "x", count: 5000),
    ]

    private static var profile: MergedProfile {
        var table = StackTable()
        let values = hostile.enumerated().map { index, name in
            let names = ["main", name, "leaf of \(index)"].map {
                table.intern(
                    Location(named: [Line(function: Function(name: $0))], kind: .native, module: $0)
                )
            }
            return StackValue(stack: table.intern(stack: names.reversed()), value: 1_000_000)
        }
        return MergedProfile(type: .cpu, range: nil, period: 1, table: table, values: values)
    }

    /// What a program prints that is given the text in a file.
    private func run(_ program: String, _ arguments: [String], on text: String, _ suffix: String)
        throws -> String
    {
        let directory = NSTemporaryDirectory() + "hearth-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = "\(directory)/file.\(suffix)"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments.map {
            $0.replacing("FILE", with: file).replacing("DIRECTORY", with: directory)
        }
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(program)")
        return String(decoding: data, as: UTF8.self)
    }

    /// The document as Chromium has it once scripts have run; nothing is loaded from elsewhere.
    private func opened(_ text: String, _ suffix: String) throws -> String {
        try run(
            "/usr/bin/chromium",
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=DIRECTORY/profile",
                "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", "file://FILE",
            ], on: text, suffix)
    }

    @Test func `Graphviz draws the call graph`() throws {
        let dot = DotGraph.text(Self.profile, maximumNodes: 100)
        let svg = try run("/usr/bin/dot", ["-Tsvg", "FILE"], on: dot, "dot")
        #expect(
            svg.components(separatedBy: "class=\"node\"").count - 1 == 1 + 2 * Self.hostile.count)
        #expect(svg.components(separatedBy: "class=\"edge\"").count - 1 == 2 * Self.hostile.count)
        #expect(svg.contains("back\\slash \\N \\l"))
        #expect(svg.contains("&amp;amp;&amp;lt;"))
    }

    @Test(arguments: ["html", "svg", "diff"])
    func `Chromium draws every bar, and runs no name`(_ format: String) throws {
        let title = "a </title><script>document.title='broken'</script> & \u{202e}title"
        let text =
            switch format {
            case "svg": FlameGraphSVG.text(Self.profile, title: title)
            case "html": FlameGraphHTML.text(Self.profile, title: title)
            default: FlameGraphHTML.text(left: Self.profile, right: Self.profile, title: title)
            }
        let document = try opened(text, format == "svg" ? "svg" : "html")
        let bars = document.components(separatedBy: "<rect").count - 1
        #expect(bars >= 2 + 2 * Self.hostile.count, "\(bars) bars of \(format)")
        #expect(!document.contains("<title>broken"))
        #expect(!document.contains("<img"))
        #expect(document.contains("back\\slash \\N \\l"))
        if format != "svg" {
            #expect(document.contains("<bdi>مرحبا::العالم</bdi>"))
            #expect(!document.contains("<bdi>\u{202e}"))
        }
    }

    @Test func `a page of nothing opens, too`() throws {
        let empty = MergedProfile(
            type: .cpu, range: nil, period: 1, table: StackTable(), values: [])
        #expect(try opened(FlameGraphHTML.text(empty, title: ""), "html").contains("No data."))
        let diff = FlameGraphHTML.text(left: empty, right: Self.profile, title: "")
        #expect(try opened(diff, "html").contains("leaf of 0"))
    }
}
