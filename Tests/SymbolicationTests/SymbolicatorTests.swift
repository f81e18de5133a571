import Foundation
import ImageFiles
import LinuxSystem
import ProfileModel
import Testing

@testable import Symbolication

/// Against this machine's files, with `nm` as the oracle.
@Suite struct SymbolicatorTests {
    private func run(_ command: String) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", command]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    private func image(_ path: String) throws -> MappedImage {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return MappedImage(
            path: path, buildID: nil,
            file: FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)))
    }

    @Test func `names every function of libc as nm does`() throws {
        let path = try run(
            "realpath $(ldconfig -p | awk '/libc.so.6 .*x86-64/ { print $NF; exit }')"
        )
        .trimmingCharacters(in: .newlines)
        let file = try ImageSearch.open(try image(path), process: UInt32(getpid()))
        let chain = SymbolChain(cache: SymbolCache(directory: nil))
        let table = try chain.table(of: file, path: path, process: UInt32(getpid()))
        var expected: [UInt64: Set<String>] = [:]
        for line in try run("nm -D --defined-only \(path)").split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count == 3, "TtWwi".contains(fields[1]),
                let address = UInt64(fields[0], radix: 16)
            else { continue }
            let name = fields[2].prefix { $0 != "@" }
            expected[address, default: []].insert(String(name))
        }
        try #require(expected.count > 1500)
        var wrong: [String] = []
        for (address, names) in expected {
            let found = table.function(at: ImageAddress(address))
            // Debug files have symbols with their versions: memcpy@@GLIBC_2.14.
            let name = found.map { String($0.name.prefix { $0 != "@" }) } ?? ""
            if found?.range.lowerBound != address || !names.contains(name) {
                wrong.append("\(names) is \(found?.name ?? "nothing")")
            }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    }

    @Test func `names a program by file offset, and shows an offset where there is no name`() throws
    {
        let directory = try run("mktemp -d").trimmingCharacters(in: .newlines)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try "int work(int x) { return x * 3; } int main(void) { return work(2); }".write(
            toFile: directory + "/p.c", atomically: true, encoding: .utf8)
        _ = try run(
            "gcc -O0 \(directory)/p.c -o \(directory)/p && strip -o \(directory)/s \(directory)/p")
        let text = try run("nm \(directory)/p").split(separator: "\n").first {
            $0.hasSuffix(" work")
        }
        let address = try #require(
            text.flatMap { UInt64($0.prefix(16), radix: 16) }, "a PIE: offset and address agree")
        let names = Symbolicator()
        let named = names.location(
            of: try image(directory + "/p"), fileOffset: FileOffset(address + 4),
            isReturnAddress: false, process: UInt32(getpid()))
        #expect(named.names == ["work"])
        #expect(named.module == "p")
        let stripped = names.location(
            of: try image(directory + "/s"), fileOffset: FileOffset(address + 4),
            isReturnAddress: false, process: UInt32(getpid()))
        #expect(stripped.names == ["s+0x" + String(address + 4, radix: 16)])
        // A return address just behind a function still belongs to it.
        let start = names.location(
            of: try image(directory + "/p"), fileOffset: FileOffset(address),
            isReturnAddress: true, process: UInt32(getpid()))
        #expect(start.names != ["work"])
    }

    @Test func `refuses another file at the same path, and what is no file`() throws {
        let directory = try run("mktemp -d").trimmingCharacters(in: .newlines)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/program"
        _ = try run("cp /bin/true \(path)")
        let mapped = try image(path)
        _ = try run("cp /bin/false \(directory)/x && mv \(directory)/x \(path)")
        #expect(throws: ImageError.otherFile) {
            _ = try ImageSearch.open(mapped, process: UInt32(getpid()))
        }
        _ = try run("rm \(path); mkfifo \(path)")
        #expect(throws: ImageError.notRegular) {
            _ = try ImageSearch.open(mapped, process: UInt32(getpid()))
        }
        _ = try run("rm \(path); head -c 1000 /dev/urandom >\(path)")
        #expect(throws: ImageError.malformed) {
            _ = try ImageSearch.open(mapped, process: UInt32(getpid()))
        }
        _ = try run("rm \(path); truncate -s 10G \(path)")
        #expect(throws: ImageError.malformed) {
            _ = try ImageSearch.open(mapped, process: UInt32(getpid()))
        }
        _ = try run("rm \(path)")
        #expect(throws: ImageError.notFound) {
            _ = try ImageSearch.open(mapped, process: UInt32(getpid()))
        }
    }

    @Test(arguments: [UInt64.max, 1 << 63, 1 << 62, 1 << 61])
    func `survives sections that claim to be endless`(size: UInt64) throws {
        var bytes = try OwnedDescriptor.contents(of: "/bin/true")
        let start = bytes[40..<48].reversed().reduce(0) { $0 << 8 | Int($1) }  // e_shoff
        let count = Int(bytes[60]) | Int(bytes[61]) << 8
        let claim = withUnsafeBytes(of: size.littleEndian) { [UInt8]($0) }
        let whole = bytes
        let chain = SymbolChain(cache: SymbolCache(directory: nil))
        for section in 0..<count {
            bytes = whole
            let place = start + section * 64 + 32  // sh_size
            bytes.replaceSubrange(place..<place + 8, with: claim)
            let memory = try OwnedDescriptor.memory(named: "claims", contents: bytes)
            guard let file = try? ImageFile(memory) else { continue }
            _ = try? chain.table(of: file, path: "/claims", process: UInt32(getpid()))
        }
    }

    @Test func `survives a file cut off anywhere`() throws {
        let bytes = try OwnedDescriptor.contents(of: "/bin/true")
        let path = try run("mktemp").trimmingCharacters(in: .newlines)
        let chain = SymbolChain(cache: SymbolCache(directory: nil))
        defer { try? FileManager.default.removeItem(atPath: path) }
        for length in stride(from: 0, to: bytes.count, by: 397) {
            try Data(bytes[..<length]).write(to: URL(filePath: path))
            guard let file = try? ImageFile(OwnedDescriptor(opening: path)) else { continue }
            _ = try? chain.table(of: file, path: path, process: UInt32(getpid()))
            _ = file.buildID()
        }
    }

    @Test func `knows the build ID that file(1) knows`() throws {
        let text = try run("readelf -n /bin/true | awk '/Build ID/ { print $3 }'")
        let file = try ImageFile(OwnedDescriptor(opening: "/bin/true"))
        #expect(file.buildID()?.description == text.trimmingCharacters(in: .newlines))
    }

    @Test func `names the vDSO and the kernel`() throws {
        let library = try VirtualLibrary.open()
        let table = try SymbolChain(cache: SymbolCache(directory: nil)).virtualTable(of: library)
        #expect(table.count >= 4 && table.origin == .virtualLibrary)
        #expect(!library.segments.isEmpty)
        let names = Symbolicator()
        let line = try run("grep -m 1 ' T vfs_read$' /proc/kallsyms")
        let address = try #require(UInt64(line.prefix(16), radix: 16))
        let location = names.kernelLocation(ProcessAddress(address + 5), isReturnAddress: true)
        #expect(location.names == ["vfs_read"])
        #expect(location.kind == .kernel)
    }
}
