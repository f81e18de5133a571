import Driver
import LinuxSystem
import ProfileModel

@testable import Symbolication

/// A symbol table as it is kept on disk, of which the header's and the index's checksums are made right, so
/// that what they guard is met.
@main
struct SymbolTables: FuzzTarget {
    static func run(_ input: RawSpan) {
        var bytes = unsafe input.withUnsafeBytes { unsafe [UInt8]($0) }
        mend(&bytes)
        guard let file = try? OwnedDescriptor.memory(named: "fuzz", contents: bytes),
            let table = SymbolTable(file)
        else { return }
        _ = table.source
        for address: UInt64 in [0, 1, 0x1000, 0x1_0000, 0xffff_ffff, .max] {
            if let found = table.function(at: ImageAddress(address)) {
                precondition(found.range.contains(address))
            }
        }
    }

    private static func mend(_ bytes: inout [UInt8]) {
        guard bytes.count >= SymbolTable.headerBytes else { return }
        let pool = bytes[32..<40].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard pool <= UInt64(bytes.count) else { return }
        let index = (SymbolTable.headerBytes + Int(pool) + 3) / 4 * 4
        guard index <= bytes.count else { return }
        put(Checksum.of(bytes.span.bytes.extracting(index..<bytes.count)), at: 40, in: &bytes)
        put(Checksum.of(bytes.span.bytes.extracting(0..<48)), at: 48, in: &bytes)
    }

    private static func put(_ value: UInt64, at offset: Int, in bytes: inout [UInt8]) {
        for byte in 0..<8 { bytes[offset + byte] = UInt8(truncatingIfNeeded: value >> (byte * 8)) }
    }
}
