import Foundation
import LinuxSystem
import ProfileModel
import Testing

@testable import Symbolication

/// With this process as the one that made code: it has one perf map, so one test at a time.
@Suite(.serialized) struct RuntimeNamesTests {
    private let path = "/tmp/perf-\(getpid()).map"
    private let second: UInt64 = 1_000_000_000

    private func write(_ text: String, to path: String? = nil) throws {
        // In place, as runtimes do.
        let file = try #require(fopen(path ?? self.path, "w"))
        fputs(text, file)
        fclose(file)
    }

    private func append(_ text: String) throws {
        let file = try #require(fopen(path, "a"))
        fputs(text, file)
        fclose(file)
    }

    private func names() -> RuntimeNames {
        RuntimeNames(process: ProcessFiles(tgid: UInt32(getpid())))
    }

    private func name(_ names: inout RuntimeNames, _ address: UInt64, at now: UInt64) -> String? {
        names.line(at: ProcessAddress(address), now: now)?.function.name
    }

    @Test func `reads what is added, after a while`() throws {
        defer { unlink(path) }
        try write("1000 10 first\n")
        var names = names()
        #expect(name(&names, 0x1000, at: second) == "first")
        try append("2000 10 second\n1000 10 other")
        #expect(name(&names, 0x2000, at: second + 1) == nil, "too soon")
        #expect(name(&names, 0x2000, at: 3 * second) == "second")
        #expect(name(&names, 0x1000, at: 3 * second) == "first")
        try append("\n")
        #expect(name(&names, 0x1000, at: 5 * second) == "other", "known, but another by now")
        #expect(names.mapProblem == nil)
    }

    @Test func `looks that tell nothing become rare`() throws {
        defer { unlink(path) }
        unlink(path)
        var names = names()
        for time in 0..<UInt64(600) { _ = name(&names, 0x1000, at: time * second / 10) }
        #expect((5...8).contains(names.looks), "\(names.looks) looks in a minute")
        #expect(names.mapProblem == .notFound)
        try write("1000 10 first\n")
        #expect(name(&names, 0x1000, at: 80 * second) == "first")
    }

    @Test func `a file that is written anew is read anew`() throws {
        defer { unlink(path) }
        let text = (0..<100).map { "\(String(0x1000 + $0 * 16, radix: 16)) 10 old\($0)\n" }
        try write(text.joined())
        var names = names()
        #expect(name(&names, 0x1000, at: second) == "old0")
        try write("1000 10 shorter\n")
        #expect(name(&names, 0x1000, at: 3 * second) == "shorter")
        #expect(name(&names, 0x1010, at: 3 * second) == nil)
        try write("1000 10 longer\n" + text.joined().replacing("old", with: "new"))
        #expect(name(&names, 0x1010, at: 5 * second) == "new1")
        unlink(path)
        try write("1000 10 another\n" + text.joined())
        #expect(name(&names, 0x1020, at: 7 * second) == "old2")
        unlink(path)
        #expect(name(&names, 0x1020, at: 9 * second) == "old2", "the code is still there")
        #expect(names.mapProblem == .notFound)
    }

    @Test func `refuses files that others could have made`() throws {
        defer { unlink(path) }
        func problem() -> RuntimeNamesProblem? {
            var names = names()
            let found = name(&names, 0x1000, at: 0)
            #expect(found == nil)
            return names.mapProblem
        }
        try write("1000 10 first\n")
        let target = path + ".target"
        defer { unlink(target) }
        rename(path, target)
        try #require(symlink(target, path) == 0)
        #expect(problem() == .notRegular)
        unlink(path)
        try #require(mkfifo(path, 0o666) == 0)
        #expect(problem() == .notRegular)
        unlink(path)
        try #require(mkdir(path, 0o700) == 0)
        #expect(problem() == .notRegular)
        rmdir(path)
        try write("1000 10 first\n")
        var times = [
            timespec(tv_sec: 1_000_000_000, tv_nsec: 0),
            timespec(tv_sec: 1_000_000_000, tv_nsec: 0),
        ]
        try #require(utimensat(AT_FDCWD, path, &times, 0) == 0)
        #expect(problem() == .tooOld)
        unlink(path)
        truncate(path, 0)
        try write("")
        try #require(truncate(path, 1 << 30) == 0)
        #expect(problem() == .tooLarge)
        if geteuid() == 0 {
            try write("1000 10 first\n")
            try #require(chown(path, 1, 1) == 0)
            #expect(problem() == .otherOwner)
        }
    }

    @Test func `a process that is gone has no names`() {
        var names = RuntimeNames(process: ProcessFiles(tgid: 0x7fff_fff0))
        #expect(name(&names, 0x1000, at: 0) == nil)
        #expect(names.mapProblem == .gone)
        for problem in RuntimeNamesProblem.allCases { #expect(!problem.advice.isEmpty) }
    }

    @Test func `follows a jitdump of this very process`() throws {
        let path = "/tmp/jit-\(getpid()).dump"
        defer { unlink(path) }
        var names = names()
        names.follow(dump: path)
        #expect(name(&names, 0x1000, at: 0) == nil)
        #expect(names.dumpProblem == .notFound)
        try write("", to: path)
        #expect(name(&names, 0x1000, at: 10 * second) == nil)
        #expect(names.dumpProblem == nil, "nothing was written yet")
        for (process, expected) in [(UInt32(getpid()), "made"), (1, nil)] as [(UInt32, String?)] {
            var bytes = DumpBytes(process: process)
            bytes.load(0x1000, 0x10, "made")
            try Data(bytes.bytes).write(to: URL(filePath: path))
            #expect(name(&names, 0x1000, at: UInt64(process) * 100 * second) == expected)
            #expect(names.dumpProblem == (expected == nil ? .malformed : nil))
            names.follow(dump: path + "x")
            names.follow(dump: path)
        }
    }

    @Test(arguments: [
        ("/srv/jit-12.dump", true), ("jit-1.dump", true), ("/root/.debug/jit/x/jit-7.dump", true),
        ("/jit-.dump", false), ("/jit-1.dump.old", false), ("/jit-a.dump", false), ("", false),
        ("/jit-1.dump/a", false), ("//anon", false),
    ])
    func `knows jitdumps by their names`(_ path: String, _ isDump: Bool) {
        #expect(RuntimeNames.isDump(path) == isDump)
    }
}
