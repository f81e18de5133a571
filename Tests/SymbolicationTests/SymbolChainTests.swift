import Foundation
import ProfileModel
import Testing

@testable import Symbolication

/// Where names come from, for programs that differ in where their names are.
@Suite struct SymbolChainTests {
    /// As distributions keep the names of all functions in a stripped file.
    private static let miniDebugInfo = """
        nm -D whole --format=posix --defined-only | cut -d' ' -f1 | sort -u >dynamic
        nm whole --format=posix --defined-only | grep -E '^[^ ]+ [TtD] ' | cut -d' ' -f1 | sort -u >all
        comm -13 dynamic all >kept
        objcopy -S --keep-symbols=kept whole mini && xz mini && strip -o p whole
        objcopy --add-section .gnu_debugdata=mini.xz p
        """

    static let split = """
        objcopy --only-keep-debug whole p.debug && strip -o p whole
        objcopy --add-gnu-debuglink=p.debug p
        """

    static let compile = "gcc -O1 -g -rdynamic -Wl,--build-id -o whole p.c"

    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let commands: String
        let origin: SymbolOrigin
        var source = ""
        var namesHidden = true

        static let all = [
            Case(
                testDescription: "not stripped", commands: "mv whole p", origin: .symbolTable),
            Case(
                testDescription: "stripped", commands: "strip -o p whole",
                origin: .dynamicSymbols, namesHidden: false),
            Case(
                testDescription: "stripped and static",
                commands: "gcc -O1 -static -o whole p.c && strip -o p whole", origin: .none,
                namesHidden: false),
            Case(
                testDescription: ".gnu_debugdata", commands: miniDebugInfo,
                origin: .miniDebugInfo),
            Case(
                testDescription: "debug link beside", commands: split, origin: .debugFile,
                source: "p.debug"),
            Case(
                testDescription: "debug link into .debug",
                commands: "\(split)\nmkdir .debug && mv p.debug .debug/", origin: .debugFile,
                source: ".debug/p.debug"),
            Case(
                testDescription: "debug link without build ID",
                commands: "gcc -O1 -g -rdynamic -Wl,--build-id=none -o whole p.c\n\(split)",
                origin: .debugFile, source: "p.debug"),
            Case(
                testDescription: "packed debug file",
                commands: "\(compile) -Wl,--compress-debug-sections=zlib\n\(split)",
                origin: .debugFile, source: "p.debug"),
            Case(
                testDescription: "debug file of another build ID",
                commands: """
                    \(split)
                    gcc -O0 -g -Wl,--build-id -o other p.c && objcopy --only-keep-debug other p.debug
                    """, origin: .dynamicSymbols, namesHidden: false),
            Case(
                testDescription: "debug file of another checksum",
                commands: """
                    gcc -O1 -g -rdynamic -Wl,--build-id=none -o whole p.c\n\(split)
                    printf x >>p.debug
                    """, origin: .dynamicSymbols, namesHidden: false),
            Case(
                testDescription: "debug link to itself",
                commands: """
                    strip -o p whole && cp p p.copy && cp p link
                    objcopy --add-gnu-debuglink=link p.copy && mv p.copy link && cp link p
                    """, origin: .dynamicSymbols, namesHidden: false),
        ]
    }

    @Test(arguments: Case.all)
    func `names come from the best source`(_ example: Case) throws {
        let files = try BuiltFiles(
            "\(Self.compile)\n\(example.commands)\n[ -e whole ] || cp p whole")
        let table = try files.table("p")
        #expect(table.origin == example.origin)
        let source = example.source.isEmpty ? "" : files.path(example.source)
        #expect(table.source == source)
        let hidden = try files.address(of: "hidden", in: "whole")
        #expect(table.function(at: hidden)?.name == (example.namesHidden ? "hidden" : nil))
        if example.origin != .none {
            let shown = try files.address(of: "shown", in: "whole")
            #expect(table.function(at: shown)?.name == "shown", "from `.dynsym` in any case")
        }
    }

    @Test func `Go's line table names a stripped program`() throws {
        guard try BuiltFiles.has("go") else { return }
        let files = try BuiltFiles(
            "mv p.c p.go; go build -o whole p.go; strip -o p whole",
            source:
                "package main\n//go:noinline\nfunc shown() { println(1) }\nfunc main() { shown() }")
        let table = try files.table("p")
        #expect(table.origin == .goLineTable)
        let shown = try files.address(of: "main.shown", in: "whole")
        #expect(table.function(at: shown)?.name == "main.shown")
    }

    /// In a process that sees another root, since no test may write to the host's /usr/lib/debug. It
    /// closes what it inherited: other tests wait for the ends of pipes.
    @Test(arguments: ["build ID", "debug link"])
    func `debug files are found below a process's own root`(kind: String) throws {
        let files = try BuiltFiles(
            """
            \(Self.compile)\n\(Self.split)
            \(kind == "debug link" ? "" : "strip -R .gnu_debuglink p")
            id=$(readelf -n p | awk '/Build ID/ { print $3 }')
            mkdir -p root/app root/usr/lib/debug/.build-id/${id:0:2} root/usr/lib/debug/app
            mv p root/app/p
            mv p.debug root/usr/lib/debug/\(kind == "build ID" ? ".build-id/${id:0:2}/${id:2}.debug" : "app/p.debug")
            echo '#include <unistd.h>
            int main(void) { for (int i = 0; i < 1024; i++) close(i); alarm(20); pause(); }' >wait.c
            gcc -static -o root/wait wait.c
            """)
        // Without user namespaces there is nothing to test.
        let started = try files.run("unshare -r -R root /wait 2>/dev/null & echo $!")
        let id = try #require(UInt32(started.dropLast()))
        defer { kill(pid_t(id), SIGKILL) }
        for _ in 0..<500 where Self.isRunning(id) && !Self.sees("/wait", id) { usleep(10_000) }
        guard Self.isRunning(id) else { return }
        let chain = SymbolChain(cache: SymbolCache(directory: nil))
        let table = try chain.table(of: files.file("root/app/p"), path: "/app/p", process: id)
        #expect(table.origin == .debugFile)
        #expect(table.source.hasPrefix("/usr/lib/debug/"))
        let hidden = try files.address(of: "hidden", in: "whole")
        #expect(table.function(at: hidden)?.name == "hidden")
    }

    private static func isRunning(_ process: UInt32) -> Bool { kill(pid_t(process), 0) == 0 }

    private static func sees(_ path: String, _ process: UInt32) -> Bool {
        FileManager.default.fileExists(atPath: "/proc/\(process)/root\(path)")
    }
}
