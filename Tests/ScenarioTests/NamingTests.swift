import Foundation
import Testing

/// Names of programs whose path does not lead to them: needs root. Each has an impostor, another program
/// that is where the path leads, none of whose names may show.
@Suite(.serialized, .enabled(if: getuid() == 0)) struct NamingTests {
    private static let flags = "-O1 -fno-optimize-sibling-calls"

    /// Folded stacks of `record` with these arguments.
    private func record(
        _ arguments: [String], into directory: String
    ) throws -> [FoldedLine] {
        let file = directory + "/out.folded"
        let result = try HearthProcess.run(["record", "-o", file] + arguments)
        #expect(result.code == 0, "\(result.text)")
        return FoldedLine.parse(try String(contentsOfFile: file, encoding: .utf8))
    }

    private func expectRight(_ lines: [FoldedLine]) {
        #expect(lines.share(of: "spend_fifty") > 0.35, "\(lines.prefix(3))")
        expectNoImpostor(lines)
    }

    private func expectNoImpostor(_ lines: [FoldedLine]) {
        #expect(lines.total > 50)
        #expect(lines.allSatisfy { !$0.frames.contains("recurse") }, "\(lines.prefix(3))")
    }

    @Test func `one that was deleted`() throws {
        let directory = try TemporaryDirectory()
        let program = try compile(
            "three_functions.c", flags: Self.flags, into: directory.path)
        let load = try HearthProcess.startProgram([program, "30"])
        defer { load.end() }
        Thread.sleep(forTimeInterval: 0.5)
        try FileManager.default.removeItem(atPath: program)
        expectRight(
            try record(["-p", "\(load.processIdentifier)", "-d", "3"], into: directory.path))
    }

    @Test func `one that was replaced by an upgrade, the old and the new beside each other`() throws
    {
        let directory = try TemporaryDirectory()
        let program = try compile(
            "three_functions.c", flags: Self.flags, into: directory.path, name: "upgraded")
        let impostor = try compile("recursion.c", flags: Self.flags, into: directory.path)
        let load = try HearthProcess.startProgram([program, "30"])
        defer { load.end() }
        Thread.sleep(forTimeInterval: 0.5)
        _ = try shell("mv \(impostor) \(program)")
        let other = try HearthProcess.startProgram([program, "30"])
        defer { other.end() }
        expectRight(
            try record(["-p", "\(load.processIdentifier)", "-d", "3"], into: directory.path))
        let second = try record(
            ["-p", "\(other.processIdentifier)", "-d", "3"], into: directory.path)
        #expect(second.share(of: "recurse") > 0.9)
    }

    /// A root directory with the program at a path where the host has the impostor.
    private func makeRoot(in directory: String) throws -> (root: String, program: String) {
        let flags = Self.flags + " -static"
        let impostor = try compile("recursion.c", flags: flags, into: directory, name: "app")
        let root = directory + "/root"
        try FileManager.default.createDirectory(
            atPath: root + directory, withIntermediateDirectories: true)
        _ = try compile("three_functions.c", flags: flags, into: root + directory, name: "app")
        return (root, impostor)
    }

    @Test func `one in a mount namespace with a root of its own`() throws {
        let directory = try TemporaryDirectory()
        let (root, program) = try makeRoot(in: directory.path)
        let load = try HearthProcess.startProgram([
            "unshare", "--mount", "chroot", root, program, "30",
        ])
        defer { load.end() }
        Thread.sleep(forTimeInterval: 0.5)
        expectRight(
            try record(["-p", "\(load.processIdentifier)", "-d", "3"], into: directory.path))
    }

    @Test func `one that ended, its root with it, before anybody looked`() throws {
        let directory = try TemporaryDirectory()
        let (root, program) = try makeRoot(in: directory.path)
        let lines = try record(
            ["-F", "497", "--", "unshare", "--mount", "chroot", root, program, "3"],
            into: directory.path)
        expectNoImpostor(lines)
        let known = lines.share(of: "spend_fifty")
        let unnamed = lines.filter { $0.frames.contains { $0.hasPrefix("app+0x") } }.total
        #expect(known > 0.3 || unnamed * 10 > lines.total * 9, "named, or an offset in it")
    }
}
