import Foundation
import Testing

/// `hearth record` on this kernel: needs root.
@Suite(.serialized, .enabled(if: getuid() == 0)) struct RecordTests {
    @Test func `writes a pprof that go tool pprof opens`() throws {
        let directory = try TemporaryDirectory()
        let program = try compile(
            "three_functions.c", flags: "-O1 -fno-omit-frame-pointer", into: directory.path)
        let load = try HearthProcess.startProgram([program, "30"])
        defer { load.end() }
        let file = directory.path + "/out.pb.gz"
        let result = try HearthProcess.run(["record", "-a", "-d", "3", "-o", file])
        #expect(result.code == 0, "\(result.text)")
        let top = try shell("go tool pprof -top \(file)")
        #expect(top.code == 0, "\(top.text)")
        #expect(top.text.contains("spend_fifty"))
        #expect(top.text.contains("Type: cpu"))
    }

    @Test func `folds stacks below the thread's name and counts samples`() throws {
        let directory = try TemporaryDirectory()
        let program = try compile(
            "three_functions.c", flags: "-O1 -fno-omit-frame-pointer", into: directory.path)
        let file = directory.path + "/out.folded"
        let result = try HearthProcess.run(["record", "-F", "197", "-o", file, "--", program, "3"])
        #expect(result.code == 0, "\(result.text)")
        let lines = FoldedLine.parse(try String(contentsOfFile: file, encoding: .utf8))
        #expect(!lines.isEmpty)
        // The last is the thread that forked, whose name the child has until it calls execve(2).
        let names = ["three_functions", "hearth", "env", "sh", "oot.default-qos"]
        #expect(lines.allSatisfy { names.contains($0.frames[0]) })
        #expect(lines.share(of: "spend_fifty") > 0.4)
        // 3 s at 197 Hz is 591; other load on the machine can only take away.
        #expect((60...620).contains(lines.total))
    }

    @Test func `marks kernel frames`() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/out.folded"
        let result = try HearthProcess.run([
            "record", "-o", file, "--", "dd", "if=/dev/zero", "of=/dev/null", "bs=1M",
            "count=20000",
        ])
        #expect(result.code == 0, "\(result.text)")
        let lines = FoldedLine.parse(try String(contentsOfFile: file, encoding: .utf8))
        #expect(lines.contains { $0.frames.last?.hasSuffix("_[k]") == true })
        #expect(
            lines.contains { !($0.frames.last?.hasSuffix("_[k]") ?? true) || $0.frames.count > 1 })
    }

    @Test func `draws a flame graph and writes JSON`() throws {
        let directory = try TemporaryDirectory()
        let svg = directory.path + "/out.svg"
        let json = directory.path + "/out.json"
        for file in [svg, json] {
            let result = try HearthProcess.run([
                "record", "-o", file, "--", "sh", "-c",
                "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done",
            ])
            #expect(result.code == 0, "\(result.text)")
        }
        #expect(try String(contentsOfFile: svg, encoding: .utf8).contains("<svg"))
        let document =
            try JSONSerialization.jsonObject(
                with: Data(contentsOf: URL(filePath: json))) as? [String: Any]
        #expect(document?["flamebearer"] != nil)
    }

    @Test func `profiles one process only`() throws {
        let directory = try TemporaryDirectory()
        let program = try compile(
            "three_functions.c", flags: "-O1 -fno-omit-frame-pointer", into: directory.path)
        let wanted = try HearthProcess.startProgram([program, "30"])
        let other = try HearthProcess.startProgram(["dd", "if=/dev/zero", "of=/dev/null"])
        defer {
            wanted.end()
            other.end()
        }
        let file = directory.path + "/out.folded"
        let result = try HearthProcess.run([
            "record", "-d", "2", "-p", "\(wanted.processIdentifier)", "-o", file,
        ])
        #expect(result.code == 0, "\(result.text)")
        let lines = FoldedLine.parse(try String(contentsOfFile: file, encoding: .utf8))
        #expect(!lines.isEmpty)
        #expect(lines.allSatisfy { $0.frames[0] == "three_functions" })
    }

    @Test func `starts a command that Ctrl-C can end`() throws {
        let directory = try TemporaryDirectory()
        let result = try HearthProcess.run([
            "record", "-o", directory.path + "/o.folded", "--", "grep", "-E", "Sig(Blk|Ign)",
            "/proc/self/status",
        ])
        let masks = result.text.split(separator: "\n").filter { $0.hasPrefix("Sig") }.compactMap {
            $0.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) }
        }
        #expect(masks.count == 2, "\(result.text)")
        let interrupts: UInt64 = 1 << (UInt64(SIGINT) - 1) | 1 << (UInt64(SIGTERM) - 1)
        #expect(masks.allSatisfy { $0 & interrupts == 0 })
    }

    @Test func `passes on the command's exit code`() throws {
        let directory = try TemporaryDirectory()
        let result = try HearthProcess.run([
            "record", "-o", directory.path + "/o.folded", "--", "sh", "-c", "exit 7",
        ])
        #expect(result.code == 7)
    }

    @Test(arguments: [
        ["record", "-F", "0"], ["record", "-F", "1001"], ["record", "-d", "0"],
        ["record", "-o", "out.txt"], ["record", "-a", "-p", "1"],
        ["record", "-d", "1", "-o", "/nonexistent/out.svg"],
        ["record", "-d", "1", "-p", "4194304"],
        ["record", "-o", "/tmp/x.svg", "--", "/nonexistent/program"],
    ])
    func `says at once what cannot be done`(arguments: [String]) throws {
        let result = try HearthProcess.run(arguments)
        #expect(result.code != 0)
        #expect(!result.text.isEmpty)
    }
}
