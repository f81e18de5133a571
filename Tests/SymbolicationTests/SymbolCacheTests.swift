import Foundation
import ProfileModel
import Testing

@testable import Symbolication

/// Tables that are kept from one run to the next.
@Suite struct SymbolCacheTests {
    /// Three programs, and a directory for their tables.
    private func programs() throws -> BuiltFiles {
        try BuiltFiles(
            """
            for i in 1 2 3; do gcc -O1 -DNUMBER=$i -Wl,--build-id -o p$i p.c; done
            """, source: "\(BuiltFiles.source)\nint number(void) { return NUMBER; }")
    }

    private func kept(_ files: BuiltFiles) throws -> [String] {
        try files.run("ls cache").split(separator: "\n").map(String.init)
    }

    private func cache(_ files: BuiltFiles, byteLimit: Int = 1 << 30) -> SymbolCache {
        SymbolCache(directory: files.path("cache"), byteLimit: byteLimit)
    }

    private func namesHidden(_ table: SymbolTable, _ files: BuiltFiles) throws -> Bool {
        let address = try files.address(of: "hidden", in: "p1")
        return table.function(at: address)?.name == "hidden"
    }

    @Test func `a table is made once, and kept for its owner alone`() throws {
        let files = try programs()
        let first = try files.table("p1", cache: cache(files))
        let file = try files.run("stat -c '%i %a' cache/* && stat -c %a cache")
        #expect(file.hasSuffix(" 600\n700\n"))
        let second = try files.table("p1", cache: cache(files))
        #expect(try files.run("stat -c '%i %a' cache/* && stat -c %a cache") == file)
        #expect(try namesHidden(first, files) && namesHidden(second, files))
        #expect(second.origin == .symbolTable)
        let id = try files.run("readelf -n p1 | awk '/Build ID/ { print $3 }'").dropLast()
        #expect(try kept(files) == ["\(id).symbols"])
    }

    @Test(arguments: [
        "truncate -s -5", "truncate -s 0", "truncate -s 40", "truncate -s +1", "sed -i s/HRM/XXX/",
    ])
    func `a torn or damaged table is made again`(damage: String) throws {
        let files = try programs()
        _ = try files.table("p1", cache: cache(files))
        let good = try files.run("md5sum <$(ls cache/*)")
        _ = try files.run("\(damage) cache/*")
        #expect(try files.run("md5sum <$(ls cache/*)") != good)
        #expect(try namesHidden(files.table("p1", cache: cache(files)), files))
        #expect(try files.run("md5sum <$(ls cache/*)") == good)
    }

    @Test func `a table that would fill the disk is made in memory`() throws {
        let files = try programs()
        // Far more than any disk has.
        let full = SymbolCache(directory: files.path("cache"), spaceFloor: 1 << 60)
        #expect(try namesHidden(files.table("p1", cache: full), files))
        #expect(try kept(files).isEmpty)
        // Room for what is there, but for no whole table.
        let tight = SymbolCache(directory: files.path("cache"), byteLimit: 200)
        #expect(try namesHidden(files.table("p1", cache: tight), files))
        #expect(try kept(files).isEmpty)
    }

    @Test func `a poor table is replaced when a better source has come`() throws {
        let files = try BuiltFiles(
            "\(SymbolChainTests.compile)\n\(SymbolChainTests.split)\nmv p.debug x")
        #expect(try files.table("p", cache: cache(files)).origin == .dynamicSymbols)
        _ = try files.run("mv x p.debug")
        #expect(try files.table("p", cache: cache(files)).origin == .debugFile)
        _ = try files.run("rm p.debug")
        #expect(try files.table("p", cache: cache(files)).origin == .debugFile, "it is kept")
    }

    @Test func `beyond the limit those used longest ago go`() throws {
        let files = try programs()
        for name in ["p1", "p2"] { _ = try files.table(name, cache: cache(files)) }
        let size = try #require(Int(files.run("stat -c %s cache/* | sort -n | tail -1").dropLast()))
        _ = try files.run("touch -d '1 hour ago' cache/*")
        _ = try files.table("p1", cache: cache(files))  // its time is now
        let second = try files.run("readelf -n p2 | awk '/Build ID/ { print $3 }'").dropLast()
        let before = try kept(files)
        _ = try files.table("p3", cache: cache(files, byteLimit: size * 5 / 2))
        let after = try kept(files)
        #expect(before.count == 2 && after.count == 2)
        #expect(before.contains("\(second).symbols") && !after.contains("\(second).symbols"))
    }

    @Test(arguments: ["/dev/null", "/proc/self/nowhere", "/nonexistent/directory"])
    func `without a directory that can be written, tables are made in memory`(path: String) throws {
        let files = try programs()
        let table = try files.table("p1", cache: SymbolCache(directory: path))
        #expect(try namesHidden(table, files))
    }

    @Test func `what an unfinished run left goes at the next start`() throws {
        let files = try programs()
        _ = try files.run("mkdir cache && echo x >cache/ab.symbols.1.part && echo x >cache/other")
        _ = cache(files)
        #expect(try kept(files) == ["other"], "what is not ours stays")
    }

    /// As processes would: each has a cache of its own, and knows nothing of the others.
    @Test func `several on one directory do not disturb each other`() async throws {
        let files = try programs()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<10 {
                        let cache = SymbolCache(directory: files.path("cache"), byteLimit: 30_000)
                        for name in ["p1", "p2", "p3"] {
                            let table = try files.table(name, cache: cache)
                            guard table.origin == .symbolTable, table.count > 5 else {
                                return false
                            }
                        }
                    }
                    return true
                }
            }
            for try await isGood in group { #expect(isGood) }
        }
        #expect(try kept(files).allSatisfy { $0.hasSuffix(".symbols") })
    }
}
