import ELFImage
import Glibc
import ImageFiles
import ProfileModel
import Testing

@testable import Symbolication

/// Linkage stubs as linkers make them, with a disassembler as the oracle.
@Suite struct LinkageStubsTests {
    /// Functions that are called, and two of them pointed to as well: those have stubs of their own kind.
    private static let source = """
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        int (*volatile first)(const char *);
        char *(*volatile second)(const char *);
        int main(int count, char **words) {
            first = puts; second = getenv;
            printf("%zu", strlen(words[0]) + count);
            return puts(words[0]) + (getenv("HOME") != 0) + atoi(words[0]);
        }
        """

    @Test(
        arguments: [
            "gcc -O1 -fPIE -pie", "gcc -O1 -fPIE -pie -Wl,-z,now", "gcc -O1 -fPIE -pie -fno-plt",
            "gcc -O1 -no-pie", "clang -O1 -fuse-ld=lld",
            "gcc -O1 -fPIE -pie -fcf-protection=full -Wl,-z,ibtplt -Wl,-z,lazy",
            "gcc -O1 -fPIE -pie -fcf-protection=full -Wl,-z,ibtplt -Wl,-z,now",
        ], ["true", "strip p"])
    func `every stub is named as a disassembler names it`(command: String, then: String) throws {
        guard try BuiltFiles.has(String(command.prefix { $0 != " " })) else { return }
        let files = try BuiltFiles("\(command) -o p p.c && \(then)", source: Self.source)
        let table = try files.table("p")
        let text = try files.run(
            "objdump -d p | sed -nE 's/^([0-9a-f]+) <(.*@plt)>:$/\\1 \\2/p'")
        let expected = text.split(separator: "\n").map { $0.split(separator: " ") }
        try #require(!expected.isEmpty)
        for stub in expected {
            let start = try #require(UInt64(stub[0], radix: 16))
            for address in [start, start + 7] {
                let found = table.function(at: ImageAddress(address))
                #expect(found?.name == String(stub[1]), "\(stub)")
                #expect(found?.range.lowerBound == start)
            }
        }
    }

    @Test func `stubs of functions that are picked at the start have the resolvers' names`() throws
    {
        let files = try BuiltFiles("gcc -O1 -static -o p p.c", source: Self.source)
        let file = try files.file("p")
        let symbols = file.sections.first { $0.type == SectionHeader.symbolTable }
        let names = LinkageStubs(of: file, table: symbols, in: file).stubs.map(\.name)
        let resolvers = try files.run("nm p | awk '$2 == \"i\" { print $3 }'")
            .split(separator: "\n").map(String.init)
        let relocations = try files.run("readelf -rW p | grep -c IRELATIV")
        #expect(names.count == Int(relocations.dropLast()))
        #expect(Set(names).isSubset(of: resolvers))
        #expect(names.contains("strlen"))
    }

    @Test func `a stub is shown as one`() throws {
        let files = try BuiltFiles("gcc -O1 -o p p.c", source: Self.source)
        let text = try files.run("objdump -d p | awk '/<strlen@plt>:/ { print $1 }'")
        let names = Symbolicator()
        let address = try #require(UInt64(text.dropLast(), radix: 16))
        let location = names.location(
            of: MappedImage(path: files.path("p"), file: try files.file("p").identity),
            at: ImageAddress(address), process: UInt32(getpid()))
        #expect(location?.names == ["strlen@plt"])
    }
}
