import Demangling
import Driver

/// Linker names of C++, Rust and Swift.
@main
struct Names: FuzzTarget {
    static func run(_ input: RawSpan) {
        let name = unsafe input.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        precondition(Demangler.displayName(name).isEmpty == name.isEmpty)
    }
}
