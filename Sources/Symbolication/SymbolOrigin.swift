/// Where an image's names came from.
package enum SymbolOrigin: UInt32, Hashable, Sendable, CaseIterable {
    case none = 0
    case symbolTable = 1
    case miniDebugInfo = 2
    case debugFile = 3
    case dynamicSymbols = 4
    case goLineTable = 5
    case debuginfod = 6
    case virtualLibrary = 7
    case runtime = 8

    /// As the API and metrics show it.
    package var name: String {
        switch self {
        case .none: "none"
        case .symbolTable: "symtab"
        case .miniDebugInfo: "gnu-debugdata"
        case .debugFile: "debug-file"
        case .dynamicSymbols: "dynsym"
        case .goLineTable: "gopclntab"
        case .debuginfod: "debuginfod"
        case .virtualLibrary: "vdso"
        case .runtime: "runtime"
        }
    }

    /// What would give more names; empty when they are all there.
    package var advice: String {
        switch self {
        case .none:
            "the file was stripped: install its debug package (NAME-dbgsym, NAME-dbg, debuginfo), or set "
                + "debuginfod-urls"
        case .dynamicSymbols:
            "only exported functions have names: install its debug package (NAME-dbgsym, NAME-dbg, "
                + "debuginfo), or set debuginfod-urls"
        default: ""
        }
    }

    /// Whether another source may have more to tell.
    var isPoor: Bool { self == .none || self == .dynamicSymbols }
}
