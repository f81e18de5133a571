/// A function at an address, and how far it had come: one of several where functions were inlined.
package struct SourceFrame: Hashable, Sendable {
    /// As the linker knows it, mangled; else the plain name, without namespaces and parameters. Nil
    /// when only the line is known.
    package let function: String?
    /// Whether `function` is what the linker knows it by. Where it is not, a symbol at the address
    /// has the better name of the outermost function.
    package let isLinkageName: Bool
    /// Source file; empty when unknown. Relative only if the compiler did not say where it ran.
    package let file: String
    /// Of the innermost function the line of the address, of others that of the call; 1-based, 0
    /// when unknown or where the compiler made the code up.
    package let line: UInt32

    package init(function: String?, isLinkageName: Bool = false, file: String, line: UInt32) {
        self.function = function
        self.isLinkageName = isLinkageName
        self.file = file
        self.line = line
    }
}
