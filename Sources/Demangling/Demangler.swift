import CDemangling
import Glibc

/// Linker names → names that people read. Each language is told by its prefix; D's names stay as they
/// are.
package enum Demangler {
    /// Names longer than this are shown as they are: nobody reads them, and demanglers recurse.
    private static let longestName = 8 * 1024
    /// What an entry of the procedure linkage table has behind the name of the function it jumps to.
    private static let stub = "@plt"

    /// The readable name, or `name` itself where it is not mangled or does not demangle. What
    /// compilers and linkers append (`.cold`, `.part.0`) stays in brackets, since it tells that this is
    /// a part or a copy of the function, but for the hash of `.llvm.123`; a symbol's version
    /// (`@@GLIBC_2.2.5`) goes in each style, and `@plt` stays: it is a stub, not the function.
    package static func displayName(_ name: String, style: NameStyle = .full) -> String {
        guard name.hasSuffix(stub) else { return shown(name, style) }
        return shown(String(name.dropLast(stub.utf8.count)), style) + stub
    }

    private static func shown(_ name: String, _ style: NameStyle) -> String {
        let name = withoutVersion(name)
        guard style != .linker, name.utf8.count <= longestName else { return name }
        if let readable = demangle(name, style: style) { return readable }
        guard let dot = RustName.endOfLegacy(name) ?? name.dropFirst().firstIndex(of: "."),
            let readable = demangle(String(name[..<dot]), style: style)
        else { return name }
        let suffix = name[dot...].dropFirst()
        return suffix.hasPrefix("llvm.") ? readable : "\(readable) [\(suffix)]"
    }

    /// Nil when `name` is no mangled name of a language we know, or one that reads as nothing.
    package static func demangle(_ name: String, style: NameStyle = .full) -> String? {
        guard let (readable, language) = read(name), !readable.isEmpty else { return nil }
        return style == .short ? language.shortened(readable) : readable
    }

    private static func read(_ name: String) -> (String, NameLanguage)? {
        if name.hasPrefix("_R") {
            guard !name.contains(".") else { return nil }  // what was appended is told apart
            return RustName.demangle(v0: name).map { ($0, .rust) }
        }
        if name.hasPrefix("_Z") || name.hasPrefix("__Z") {
            guard NameExpansion.isBounded(name, as: .cxx),
                let readable = take(unsafe demangle_cxx(name))
            else { return nil }
            return RustName.legacy(demangled: readable).map { ($0, .rust) } ?? (readable, .cxx)
        }
        if ["$s", "$S", "_$s", "_$S", "_T0", "$e"].contains(where: name.hasPrefix) {
            guard NameExpansion.isBounded(name, as: .swift) else { return nil }
            return take(unsafe demangle_swift(name, name.utf8.count)).map { ($0, .swift) }
        }
        return nil
    }

    /// Versions look like `@GLIBC_2.34`, `@@Base` or `@plt`. Go's names may have an `@` in a type's tag.
    private static func withoutVersion(_ name: String) -> String {
        guard let start = name.utf8.dropFirst().firstIndex(of: UInt8(ascii: "@")),
            case let version = name.utf8[start...].drop(while: { $0 == UInt8(ascii: "@") }),
            !version.isEmpty,
            version.allSatisfy(isOfVersion)
        else { return name }
        return String(name[..<start])
    }

    private static func isOfVersion(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// Copies and frees a C string.
    private static func take(_ text: UnsafeMutablePointer<CChar>?) -> String? {
        guard let text = unsafe text else { return nil }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }
}
