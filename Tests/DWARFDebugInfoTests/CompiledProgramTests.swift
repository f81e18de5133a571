import ProfileModel
import Testing

@testable import DWARFDebugInfo

/// Every address of programs that compilers made, as other tools name it.
@Suite struct CompiledProgramTests {
    /// The toolchain's own: older ones do not find the range lists of split DWARF 4.
    private static let llvm: String = {
        let own = try? CompiledProgram.run("ls $(dirname $(command -v swift))/llvm-symbolizer")
        let path = own.flatMap { $0.split(separator: "\n").first } ?? "llvm-symbolizer"
        return "\(path) --functions=linkage --no-demangle --output-style=GNU -i -a -e"
    }()

    /// addr2line of binutils 2.40 does not read all that Clang writes as DWARF 5, and no `.dwo` files.
    @Test(
        arguments: [
            ("gcc -O2 -g -gdwarf-3 -gstrict-dwarf", ["addr2line -afi -e", llvm]),
            ("gcc -O2 -g -gdwarf-4", ["addr2line -afi -e", llvm]),
            ("gcc -O2 -g -gdwarf-5", ["addr2line -afi -e", llvm]),
            ("gcc -O2 -g -gdwarf-5 -gdwarf64", [llvm]),
            ("gcc -O2 -g -flto", [llvm]),
            ("clang -O2 -g -gdwarf-4", ["addr2line -afi -e", llvm]),
            ("clang -O2 -g -gdwarf-5", [llvm]),
            ("clang -O2 -g -gdwarf-5 -gdwarf64", [llvm]),
            ("clang -O2 -g -gdwarf-5 -ffunction-sections -Wl,--gc-sections -fuse-ld=lld", [llvm]),
            ("gcc -O2 -g -gdwarf-4 -gsplit-dwarf", [llvm]),
            ("gcc -O2 -g -gdwarf-5 -gsplit-dwarf", [llvm]),
            ("clang -O2 -g -gdwarf-4 -gsplit-dwarf -fno-split-dwarf-inlining", [llvm]),
            ("clang -O2 -g -gdwarf-5 -gsplit-dwarf", [llvm]),
        ] as [(String, [String])])
    func `frames are those that others find`(command: String, tools: [String]) throws {
        guard let program = try CompiledProgram(command) else { return }
        let elf = try ELFSections(program.path)
        let addresses = elf.code.flatMap { Array($0) }
        var info = Self.debugInfo(elf)
        for tool in tools {
            guard let answers = try program.answers(of: tool, at: addresses) else { continue }
            var deepest = 0
            for (address, expected) in answers where expected.first?.line ?? 0 > 0 {
                let found = try info.frames(at: ImageAddress(address))
                // Where no function is known, tools take a symbol's name.
                guard found.first?.function != nil else { continue }
                #expect(found.map { $0.function ?? "" } == expected.map { $0.function ?? "" })
                #expect(found.map(\.line) == expected.map(\.line), "\(address)")
                #expect(found.allSatisfy { $0.file == "\(program.directory)/program.c" })
                deepest = max(deepest, found.count)
            }
            #expect(deepest == 3, "\(tool)")
        }
    }

    private static func debugInfo(_ elf: ELFSections) -> DebugInfo {
        DebugInfo(DebugSections(elf.sections)) { name in
            let path = name.file.hasPrefix("/") ? name.file : "\(name.directory)/\(name.file)"
            return (try? ELFSections(path, isSplit: true)).map { DebugSections($0.sections) }
        }
    }

    @Test func `split units are found in a package`() throws {
        let command = "clang -O2 -g -gdwarf-5 -gsplit-dwarf -fno-split-dwarf-inlining"
        guard let program = try CompiledProgram(command),
            try CompiledProgram.run("command -v llvm-dwp").isEmpty == false
        else { return }
        let path = program.path
        let output = try CompiledProgram.run("llvm-dwp -e \(path) -o \(path).dwp")
        try #require(output.isEmpty)
        let elf = try ELFSections(path)
        let package = try ELFSections("\(path).dwp", isSplit: true)
        var packaged = DebugInfo(
            DebugSections(elf.sections), package: DebugSections(package.sections))
        var split = Self.debugInfo(elf)
        var alone = DebugInfo(DebugSections(elf.sections))
        var names = Set<String>()
        for address in elf.code.flatMap({ Array($0) }).map(ImageAddress.init) {
            let found = try packaged.frames(at: address)
            #expect(try found == split.frames(at: address))
            #expect(try alone.frames(at: address).allSatisfy { $0.function == nil })
            names.formUnion(found.compactMap(\.function))
        }
        #expect(names == ["inner", "middle", "outer", "main"])
    }

    @Test func `a split file of another build is not believed`() throws {
        let command = "gcc -O2 -g -gdwarf-5 -gsplit-dwarf"
        guard let program = try CompiledProgram(command),
            let other = try CompiledProgram("\(command) -DOTHER -O1")
        else { return }
        let elf = try ELFSections(program.path)
        let directory = other.directory
        let split = try #require(
            try CompiledProgram.run("ls \(directory)/*.dwo").split(separator: "\n").first)
        let sections = DebugSections(try ELFSections(String(split), isSplit: true).sections)
        var info = DebugInfo(DebugSections(elf.sections)) { _ in sections }
        for address in elf.code.flatMap({ Array($0) }).map(ImageAddress.init) {
            #expect(try info.frames(at: address).allSatisfy { $0.function == nil })
        }
    }
}
