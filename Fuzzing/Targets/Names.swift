import Demangling
import Driver

/// Linker names of C++, Rust and Swift, in each style.
@main
struct Names: FuzzTarget {
    static func run(_ input: RawSpan) {
        let name = unsafe input.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        for style in NameStyle.allCases {
            precondition(Demangler.displayName(name, style: style).isEmpty == name.isEmpty)
        }
        let short = Demangler.displayName(name, style: .short)
        precondition(short.utf8.count <= Demangler.displayName(name).utf8.count)
    }
}
