import Foundation
import LinuxSystem
import ProfileModel
import Testing

@testable import Symbolication

/// Against what Node and Java write. Each entry that nothing later lies over must have its name.
@Suite struct RealRuntimeTests {
    private static func has(_ program: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            access("\($0)/\(program)", X_OK) == 0
        }
    }

    /// Compiles some functions, says so, and waits.
    private static let script = """
        function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) }
        class Point { get norm() { return Math.hypot(this.x || 1, 2) } }
        const end = Date.now() + 1000
        let sum = 0
        while (Date.now() < end) {
          sum += fib(15) + new Point().norm
          for (let i = 0; i < 20; i++) sum += new Function('x', 'return x * ' + i % 7)(sum)
        }
        console.log('ready')
        if (process.argv[2] !== 'end') setTimeout(() => {}, 60000)
        """

    private static let program = """
        import java.util.*;
        public class Work {
          static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
          public static void main(String[] arguments) throws Exception {
            long end = System.currentTimeMillis() + 1500, sum = 0;
            while (System.currentTimeMillis() < end) sum += fib(20);
            System.out.println("ready " + sum);
            Thread.sleep(60000);
          }
        }
        """

    /// A running program in a directory of its own; ended and removed with `end`.
    private final class Run {
        let directory: String
        let process = Process()
        private let output = Pipe()

        init(_ arguments: [String], files: [String: String]) throws {
            directory = NSTemporaryDirectory() + "hearth-runtime-\(UUID().uuidString)"
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true)
            for (name, text) in files {
                try text.write(toFile: directory + "/" + name, atomically: true, encoding: .utf8)
            }
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = arguments
            process.currentDirectoryURL = URL(filePath: directory)
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
        }

        var number: UInt32 { UInt32(process.processIdentifier) }

        /// Waits until it has said something.
        func waitUntilReady() -> Bool { !output.fileHandleForReading.availableData.isEmpty }

        func end() {
            process.terminate()
            process.waitUntilExit()
            try? FileManager.default.removeItem(atPath: directory)
        }
    }

    private struct Entry {
        let start: UInt64
        let end: UInt64
        let name: String
    }

    private func entries(map path: String) throws -> [Entry] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap {
            line in
            let fields = line.split(separator: " ", maxSplits: 2).map { field in
                String(field.hasPrefix("0x") ? field.dropFirst(2) : field)
            }
            guard fields.count == 3, let start = UInt64(fields[0], radix: 16),
                let size = UInt64(fields[1], radix: 16)
            else { return nil }
            return Entry(start: start, end: start + size, name: fields[2])
        }
    }

    /// Entries that have another name than they should, at their first and last byte.
    private func wrong(_ entries: [Entry], _ line: (ProcessAddress) -> Line?) -> [String] {
        var wrong: [String] = []
        for (number, entry) in entries.enumerated() {
            for address in [entry.start, entry.end - 1] {
                let isOver = entries[(number + 1)...].contains {
                    $0.start <= address && address < $0.end
                }
                let found = line(ProcessAddress(address))?.function.systemName
                if !isOver, found != entry.name {
                    wrong.append("\(entry.name) is \(found ?? "nothing")")
                }
            }
        }
        return wrong
    }

    @Test(.enabled(if: has("node"), "node is not installed"))
    func `names all code that node makes`() throws {
        let run = try Run(
            ["node", "--perf-basic-prof", "work.js"], files: ["work.js": Self.script])
        let path = "/tmp/perf-\(run.number).map"
        defer {
            run.end()
            unlink(path)
        }
        try #require(run.waitUntilReady())
        let entries = try entries(map: path)
        var names = RuntimeNames(process: ProcessFiles(tgid: run.number))
        let wrong = wrong(entries) { names.line(at: $0, now: 1) }
        #expect(names.mapProblem == nil)
        #expect(wrong.isEmpty, "\(wrong.count) of \(entries.count): \(wrong.prefix(5))")
        let fib = try #require(entries.last { $0.name.contains("fib ") })
        let found = names.line(at: ProcessAddress(fib.start), now: 1)
        let line = try #require(found)
        #expect(line.function.name == "fib" && line.number == 1)
        #expect(line.function.file == run.directory + "/work.js")
        let norm = try #require(entries.last { $0.name.contains("norm ") })
        let getter = names.line(at: ProcessAddress(norm.start), now: 1)
        #expect(getter?.function.name == "get norm")
    }

    @Test(.enabled(if: has("node"), "node is not installed"))
    func `names all code of node's jitdump, with lines`() throws {
        let run = try Run(
            ["node", "--perf-prof", "work.js", "end"], files: ["work.js": Self.script])
        defer { run.end() }
        run.process.waitUntilExit()
        let path = "\(run.directory)/jit-\(run.number).dump"
        #expect(RuntimeNames.isDump(path))
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        var dump = JITDump()
        dump.append(bytes.span.bytes)
        let entries = loads(bytes)
        try #require(entries.count > 100)
        let wrong = wrong(entries) { dump.line(at: $0) }
        #expect(wrong.isEmpty, "\(wrong.count) of \(entries.count): \(wrong.prefix(5))")
        #expect(dump.problem == nil && dump.header?.process == run.number)
        let own = entries.filter { $0.name.contains(run.directory) }
        try #require(own.contains { $0.name.contains("*fib ") })
        // Node 20 writes rows of many functions with a file name that it has freed: these must not show.
        let count = Self.script.split(separator: "\n").count
        for address in own.flatMap({ $0.start..<$0.end }) {
            let line = dump.line(at: ProcessAddress(address))
            #expect(line?.function.file == run.directory + "/work.js")
            #expect((1...count).contains(Int(line?.number ?? 0)))
        }
        let time = try #require(own.first.flatMap { dump.time(at: ProcessAddress($0.start)) })
        #expect(time < Clock.monotonic && Clock.monotonic - time < 600_000_000_000)
    }

    /// The loads of a jitdump, read in another way.
    private func loads(_ bytes: [UInt8]) -> [Entry] {
        let data = Data(bytes)
        func word<T: FixedWidthInteger>(_ offset: Int, _ type: T.Type) -> T {
            data[offset..<offset + T.bitWidth / 8].reversed().reduce(T(0)) { $0 << 8 | T($1) }
        }
        var entries: [Entry] = []
        var place = 40
        while place + 16 <= data.count {
            let size = Int(word(place + 4, UInt32.self))
            if word(place, UInt32.self) == 0 {
                let start = word(place + 32, UInt64.self)
                let name = data[(place + 56)...].prefix { $0 != 0 }
                entries.append(
                    Entry(
                        start: start, end: start + word(place + 40, UInt64.self),
                        name: String(decoding: name, as: UTF8.self)))
            }
            place += size
        }
        return entries
    }

    @Test(.enabled(if: has("java") && has("jcmd"), "no Java development kit is installed"))
    func `names all code that java lists, and lists again`() throws {
        let run = try Run(["java", "Work.java"], files: ["Work.java": Self.program])
        let path = "/tmp/perf-\(run.number).map"
        defer {
            run.end()
            unlink(path)
        }
        try #require(run.waitUntilReady())
        var names = RuntimeNames(process: ProcessFiles(tgid: run.number))
        let early = names.line(at: ProcessAddress(0x1000), now: 0)
        #expect(early == nil)
        #expect(names.mapProblem == .notFound)
        for round in UInt64(1)...2 {
            let list = try Run(["jcmd", "\(run.number)", "Compiler.perfmap"], files: [:])
            list.process.waitUntilExit()
            list.end()
            let entries = try entries(map: path)
            try #require(entries.count > 300)
            let now = round * 100_000_000_000
            let wrong = wrong(entries) { names.line(at: $0, now: now) }
            #expect(wrong.isEmpty, "\(wrong.count) of \(entries.count): \(wrong.prefix(5))")
            #expect(entries.contains { $0.name == "int Work.fib(int)" })
        }
    }

    @Test(
        .enabled(if: has("node") && has("unshare"), "node is not installed"),
        .enabled(if: geteuid() == 0, "namespaces need privileges"))
    func `finds the map of a process in namespaces of its own`() throws {
        let command = "mount -t tmpfs none /tmp && exec node --perf-basic-prof -e \"$0\""
        let run = try Run(
            ["unshare", "--pid", "--fork", "--mount", "sh", "-c", command, Self.script], files: [:])
        defer { run.end() }
        let isReady = run.waitUntilReady()
        let children = "/proc/\(run.number)/task/\(run.number)/children"
        let text = try String(contentsOfFile: children, encoding: .utf8)
        let child = try #require(UInt32(text.trimmingCharacters(in: .whitespaces)))
        defer { kill(pid_t(child), SIGKILL) }
        try #require(isReady)
        let entries = try entries(map: "/proc/\(child)/root/tmp/perf-1.map")
        try #require(entries.count > 100)
        var names = RuntimeNames(process: ProcessFiles(tgid: child))
        let wrong = wrong(entries) { names.line(at: $0, now: 1) }
        #expect(wrong.isEmpty, "\(wrong.count) of \(entries.count): \(wrong.prefix(5))")
    }
}
