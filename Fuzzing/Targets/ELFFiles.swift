import Checks
import Driver
import ELFImage
import LinuxSystem
import ProfileModel

@testable import ImageFiles
@testable import Symbolication
@testable import UnwindTables
@testable import Unwinding

/// A whole ELF file, as the daemon opens it: headers, sections, notes, symbols, and its unwind table
/// by whatever it claims to have.
@main
struct ELFFiles: FuzzTarget {
    static func run(_ input: RawSpan) {
        let bytes = unsafe input.withUnsafeBytes { unsafe [UInt8]($0) }
        guard let memory = try? OwnedDescriptor.memory(named: "fuzz", contents: bytes),
            let file = try? ImageFile(memory)
        else { return }
        _ = file.buildID()
        _ = file.mark()
        for segment in file.segments.prefix(64) {
            _ = file.segments.imageAddress(of: FileOffset(segment.offset))
            _ = file.segments.imageAddress(of: FileOffset(segment.offset &+ segment.fileSize &- 1))
        }
        for name in [".text", ".gopclntab", ".nothing"] { _ = file.section(named: name) }
        let chain = SymbolChain(cache: SymbolCache(directory: nil))
        lookUp(try? chain.table(of: file, path: "/fuzz", process: 0), file.segments)
        if let table = try? file.unwindTable() {
            table.check()
            _ = table.rule(at: ImageAddress(table.baseAddress.value &+ 0x1234))
        }
    }

    private static func lookUp(_ symbols: SymbolTable?, _ segments: [ProgramHeader]) {
        guard let symbols else { return }
        for segment in segments.prefix(64) {
            for address in [segment.address, segment.address &+ segment.fileSize &- 1, .max] {
                guard let found = symbols.function(at: ImageAddress(address)) else { continue }
                precondition(found.range.contains(address))
            }
        }
    }
}
