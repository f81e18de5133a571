import ELFImage
import Foundation
import ProfileModel
import Testing

@testable import ImageFiles
@testable import Symbolication

/// Sections that are compressed, in each form, and such as claim too much.
@Suite(.serialized) struct PackedSectionTests {
    private static let compile = "gcc -O1 -g -gdwarf-4 -o whole p.c"

    /// A packed section begins with its type (4 bytes, 4 of padding) and size (8); in the old form with
    /// "ZLIB" and the size, highest byte first.
    @Test(arguments: ["zlib", "zstd", "zlib-gnu"])
    func `a packed section is what it was before`(form: String) throws {
        let commands = "\(Self.compile) && objcopy --compress-debug-sections=\(form) whole p"
        guard let files = try? BuiltFiles("\(commands) && ! cmp -s whole p") else { return }
        let whole = try files.file("whole")
        let packed = try files.file("p")
        for name in [".debug_info", ".debug_line", ".debug_abbrev", ".debug_str"] {
            guard let before = whole.debugSection(named: name),
                let after = packed.debugSection(named: name)
            else {
                Issue.record("no \(name)")
                continue
            }
            #expect(!before.isPacked)
            #expect(
                try packed.contents(of: after, limit: 1 << 20)
                    == whole.contents(of: before, limit: 1 << 20))
            if after.isPacked {
                let size = Int(before.header.size)
                #expect(throws: ImageError.tooLarge) {
                    try packed.contents(of: after, limit: size - 1)
                }
            }
        }
        let none = packed.debugSection(named: ".debug_none")
        #expect(none == nil)
        #expect(try lines(of: files, "p") == lines(of: files, "whole"))
        #expect(try lines(of: files, "p") == ["\(files.directory)/p.c:2"])
    }

    private func lines(of files: BuiltFiles, _ name: String) throws -> [String] {
        let names = Symbolicator()
        let image = MappedImage(path: files.path(name), file: try files.file(name).identity)
        let address = try files.address(of: "hidden", in: "whole")
        let location = names.location(of: image, at: address, process: UInt32(getpid()))
        return location?.lines.map { "\($0.function.file):\($0.number)" } ?? []
    }

    /// Every size but the right one, and every truncation of a packed section.
    @Test(arguments: ["zlib", "zstd", "zlib-gnu"])
    func `a section that lies about its size is refused`(form: String) throws {
        let commands = "\(Self.compile) && objcopy --compress-debug-sections=\(form) whole p"
        guard let files = try? BuiltFiles("\(commands) && ! cmp -s whole p") else { return }
        let file = try files.file("p")
        let found = file.debugSection(named: ".debug_info")
        let section = try #require(found)
        let bytes = try file.bytes(
            at: FileOffset(section.header.offset), count: section.header.size)
        let limit = 96 << 20
        func unpack(_ bytes: [UInt8]) throws -> [UInt8] {
            form == "zlib-gnu"
                ? try CompressedBytes.unpackOldSection(bytes, limit: limit)
                : try CompressedBytes.unpackSection(bytes, limit: limit)
        }
        let size = try UInt64(unpack(bytes).count)
        let start = ContinuousClock.now
        for claim in [0, 1, size - 1, size + 1, 90 << 20, 97 << 20, 1 << 40, .max] {
            var changed = bytes
            withUnsafeBytes(of: form == "zlib-gnu" ? claim.bigEndian : claim.littleEndian) {
                changed.replaceSubrange(
                    (form == "zlib-gnu" ? 4 : 8)..<$0.count + (form == "zlib-gnu" ? 4 : 8), with: $0
                )
            }
            let expected: ImageError = claim > limit ? .tooLarge : .malformed
            #expect(throws: expected, "\(claim)") { try unpack(changed) }
        }
        for length in 0..<bytes.count {
            #expect(throws: ImageError.malformed) { try unpack(Array(bytes[..<length])) }
        }
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func `what would be larger than the limit is refused before it is there`() throws {
        let files = try BuiltFiles(
            """
            \(Self.compile) && strip -o plain whole && head -c 400M /dev/zero | xz -0 >zeros.xz
            objcopy --add-section .gnu_debugdata=zeros.xz plain p
            """)
        let start = ContinuousClock.now
        let file = try files.file("p")
        #expect(throws: ImageError.tooLarge) { _ = try file.miniDebugInfo() }
        #expect(try files.table("p").origin == .dynamicSymbols)
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func `xz bytes that are cut off or changed are refused`() throws {
        let files = try BuiltFiles("gcc -O1 -o whole p.c && xz -k whole")
        let packed = [UInt8](try Data(contentsOf: URL(filePath: files.path("whole.xz"))))
        let whole = [UInt8](try Data(contentsOf: URL(filePath: files.path("whole"))))
        #expect(try CompressedBytes.unpackXz(packed, limit: whole.count) == whole)
        #expect(throws: ImageError.tooLarge) {
            try CompressedBytes.unpackXz(packed, limit: whole.count - 1)
        }
        for length in stride(from: 0, to: packed.count, by: 7) {
            #expect(throws: ImageError.malformed) {
                try CompressedBytes.unpackXz(Array(packed[..<length]), limit: 1 << 20)
            }
            var changed = packed
            changed[length] ^= 0x10
            #expect(throws: ImageError.self) {
                try CompressedBytes.unpackXz(changed, limit: 1 << 20)
            }
        }
    }
}
