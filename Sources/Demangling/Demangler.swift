import CDemangling
import Glibc

/// Linker names → names that people read. Each language is told by its prefix.
package enum Demangler {
    /// Names longer than this are shown as they are: nobody reads them, and demanglers recurse.
    private static let longestName = 8 * 1024

    /// The readable name, or `name` itself where it is not mangled or does not demangle. What
    /// compilers and linkers append (`.cold`, `.part.0`, `@@GLIBC_2.2.5`) stays in brackets, since
    /// it tells that this is a part or a copy of the function.
    package static func displayName(_ name: String) -> String {
        guard name.utf8.count <= longestName else { return name }
        if let readable = demangle(name) { return readable }
        guard let cut = suffixStart(name) else { return name }
        let (base, suffix) = (String(name[..<cut]), name[cut...])
        if suffix.hasPrefix("@") { return demangle(base) ?? base }
        return demangle(base).map { "\($0) [\(suffix.dropFirst())]" } ?? name
    }

    /// Nil when `name` is no mangled name of a language we know, or one that reads as nothing.
    package static func demangle(_ name: String) -> String? {
        guard let readable = read(name), !readable.isEmpty else { return nil }
        return readable
    }

    private static func read(_ name: String) -> String? {
        if name.hasPrefix("_R") { return RustName.demangle(v0: name) }
        if name.hasPrefix("_Z") || name.hasPrefix("__Z") {
            guard NameExpansion.isBounded(name, as: .cxx),
                let readable = take(unsafe demangle_cxx(name))
            else { return nil }
            return RustName.legacy(demangled: readable) ?? readable
        }
        if ["$s", "$S", "_$s", "_$S", "_T0", "$e"].contains(where: name.hasPrefix) {
            guard NameExpansion.isBounded(name, as: .swift) else { return nil }
            return take(unsafe demangle_swift(name, name.utf8.count))
        }
        return nil
    }

    private static func suffixStart(_ name: String) -> String.Index? {
        name.dropFirst().firstIndex { $0 == "." || $0 == "@" }
    }

    /// Copies and frees a C string.
    private static func take(_ text: UnsafeMutablePointer<CChar>?) -> String? {
        guard let text = unsafe text else { return nil }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }
}
