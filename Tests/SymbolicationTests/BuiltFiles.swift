import Foundation
import ImageFiles
import LinuxSystem
import ProfileModel
import Testing

@testable import Symbolication

/// Files that commands made at run time, in a directory that is removed with this value.
final class BuiltFiles: Sendable {
    let directory: String

    /// One function that `-rdynamic` exports, and one that only a symbol table knows.
    static let source = """
        int counter;
        static __attribute__((noinline)) int hidden(int x) { return x * 3 + counter; }
        __attribute__((noinline)) int shown(int x) { return hidden(x) + counter; }
        int main(void) { return shown(2); }
        """

    /// Runs shell commands in the directory, where `p.c` is; they must succeed.
    init(_ commands: String, source: String = source) throws {
        directory = "/tmp/hearth-names-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false)
        try source.write(toFile: "\(directory)/p.c", atomically: true, encoding: .utf8)
        try #require(try run("\(commands)\necho done").hasSuffix("done\n"), "\(commands)")
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func path(_ name: String) -> String { "\(directory)/\(name)" }

    /// What shell commands print; they end at the first that fails.
    func run(_ commands: String) throws -> String {
        try Self.run("cd \(directory) && set -eo pipefail\n\(commands)")
    }

    static func run(_ commands: String) throws -> String {
        let quoted = commands.replacingOccurrences(of: "'", with: "'\\''")
        let pipe = try #require(popen("exec bash -c '\(quoted)'", "re"))
        defer { pclose(pipe) }
        var text: [UInt8] = []
        var byte = getc(pipe)
        while byte != EOF {
            text.append(UInt8(truncatingIfNeeded: byte))
            byte = getc(pipe)
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func has(_ program: String) throws -> Bool {
        try !run("command -v \(program)").isEmpty
    }

    func file(_ name: String) throws -> ImageFile {
        try ImageFile(OwnedDescriptor(opening: path(name)))
    }

    /// The table that the chain of sources makes for a file.
    func table(
        _ name: String, cache: SymbolCache = SymbolCache(directory: nil),
        process: UInt32 = UInt32(getpid())
    ) throws -> SymbolTable {
        try SymbolChain(cache: cache).table(of: file(name), path: path(name), process: process)
    }

    /// Where `nm` says that a function begins.
    func address(of function: String, in name: String) throws -> ImageAddress {
        let line = try run("nm \(name) | grep -E ' [tT] \(function)$'")
        return ImageAddress(try #require(UInt64(line.prefix(16), radix: 16), "\(function)"))
    }
}
