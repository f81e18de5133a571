/// How much of a function's name is shown.
package enum NameStyle: String, CaseIterable, Sendable {
    /// All that the linker's name says: parameters, template arguments, result types.
    case full
    /// What tells functions of a flame graph apart at a glance: where it is, and what it is called.
    case short
    /// As the linker knows it, without a symbol version.
    case linker
}
