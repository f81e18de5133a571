import Driver
import ELFImage
import ImageFiles
import LinuxSystem
import ProfileModel

@testable import Symbolication

/// A whole ELF file with debug information: units, entries, ranges, line programs, compressed or not, at
/// addresses inside of its code and outside.
@main
struct DebugInformation: FuzzTarget {
    static func run(_ input: RawSpan) {
        let bytes = unsafe input.withUnsafeBytes { unsafe [UInt8]($0) }
        guard let memory = try? OwnedDescriptor.memory(named: "fuzz", contents: bytes),
            let file = try? ImageFile(memory)
        else { return }
        var addresses: [UInt64] = [0, .max]
        for section in file.sections.prefix(64) where section.isExecutable {
            for step: UInt64 in [0, 7, 33, 150] { addresses.append(section.address &+ step) }
        }
        guard var debug = ImageDebugInfo(file, path: "/fuzz", process: 0) else { return }
        for address in addresses.prefix(32) {
            for line in debug.lines(at: ImageAddress(address), symbol: nil) {
                precondition(!line.function.name.isEmpty)
            }
        }
        precondition(debug.byteCount < 128 << 20)
    }
}
