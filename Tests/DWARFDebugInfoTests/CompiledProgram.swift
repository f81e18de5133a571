import ELFImage
import Glibc
import Testing

@testable import DWARFDebugInfo

/// A program made at run time, removed with this value, and other tools' answers about them.
final class CompiledProgram {
    let directory: String
    var path: String { "\(directory)/program" }

    /// Three functions inlined into each other, and a loop that keeps them.
    static let source = """
        static inline __attribute__((always_inline)) int inner(int x) {
            volatile int y = x;
            return y * 3 + 1;
        }
        static inline __attribute__((always_inline)) int middle(int x) {
            if (x & 1) return inner(x) + inner(x + 2);
            return inner(x ^ 5);
        }
        __attribute__((noinline)) int outer(int x) {
            int sum = 0;
            for (int i = 0; i < x; i++) sum += middle(i);
            return sum;
        }
        int main(int count, char **words) {
            return outer(count * 100) + middle(words[0][0]);
        }
        """

    /// Nil when the compiler is not on this machine; a test requires that it succeeds.
    init?(_ command: String) throws {
        let compiler = command.prefix { $0 != " " }
        guard try Self.run("command -v \(compiler)").isEmpty == false else { return nil }
        let name = "/tmp/hearth-dwarf-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        directory = name
        try #require(mkdir(name, 0o700) == 0)
        let file = try #require(fopen("\(name)/program.c", "w"))
        fputs(Self.source, file)
        fclose(file)
        let output = try Self.run("cd \(name) && \(command) program.c -o program && echo done")
        try #require(output.hasSuffix("done\n"), "\(command): \(output)")
    }

    deinit { _ = try? Self.run("rm -r \(directory)") }

    /// What a command of the shell writes.
    static func run(_ command: String) throws -> String {
        let pipe = try #require(popen("(\(command)) 2>&1", "r"))
        defer { pclose(pipe) }
        var text: [UInt8] = []
        var byte = getc(pipe)
        while byte != EOF {
            text.append(UInt8(truncatingIfNeeded: byte))
            byte = getc(pipe)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Frames as a symbolizing tool tells them, innermost first; `tool` ends with where the program's
    /// path goes. Nil when the tool is not on this machine.
    func answers(of tool: String, at addresses: [UInt64]) throws -> [UInt64: [SourceFrame]]? {
        let name = tool.prefix { $0 != " " }
        guard try Self.run("command -v \(name)").isEmpty == false else { return nil }
        let list = try #require(fopen("\(directory)/addresses", "w"))
        for address in addresses { fputs("0x\(String(address, radix: 16))\n", list) }
        fclose(list)
        let output = try Self.run("\(tool) \(path) < \(directory)/addresses")
        var answers: [UInt64: [SourceFrame]] = [:]
        var address: UInt64 = 0
        var function: String?
        for line in output.split(separator: "\n") {
            if line.hasPrefix("0x"), let value = UInt64(line.dropFirst(2), radix: 16) {
                address = value
                answers[address] = []
            } else if let name = function {
                let place = line.split(separator: " ")[0].split(separator: ":")
                answers[address]?.append(
                    SourceFrame(
                        function: name, file: String(place[0]), line: UInt32(place[1]) ?? 0))
                function = nil
            } else {
                function = String(line)
            }
        }
        return answers
    }
}

/// An ELF file's debug sections, read whole. They are not compressed.
struct ELFSections {
    let sections: [DebugSection: [UInt8]]
    /// Where code is.
    let code: [Range<UInt64>]

    init(_ path: String, isSplit: Bool = false) throws {
        let bytes = try #require(Self.contents(of: path))
        func part(_ offset: UInt64, _ count: Int) -> [UInt8] {
            Array(bytes.dropFirst(Int(clamping: offset)).prefix(count))
        }
        let header = try ELFHeader(parsing: bytes.span.bytes)
        let table = part(header.sectionHeaders.offset, header.sectionHeaders.byteCount)
        let headers = try SectionHeader.parse(table.span.bytes, table: header.sectionHeaders)
        let strings = headers[Int(header.sectionNames)]
        let names = part(strings.offset, Int(strings.size))
        var sections: [DebugSection: [UInt8]] = [:]
        for section in headers where section.type != SectionHeader.noBits {
            let name = String(
                decoding: names[Int(section.name)...].prefix { $0 != 0 }, as: UTF8.self)
            for known in DebugSection.allCases
            where (isSplit ? known.splitName : known.name) == name {
                sections[known] = part(section.offset, Int(section.size))
            }
        }
        self.sections = sections
        code = headers.filter(\.isExecutable).map { $0.address..<$0.address + $0.size }
    }

    private static func contents(of path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }
}
