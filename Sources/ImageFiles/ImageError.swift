/// Why an image cannot be read, or tells nothing.
package enum ImageError: String, Error, Hashable, Sendable, CaseIterable {
    /// No path led to a file: it was deleted, or its process has ended with its mount namespace.
    case notFound = "not-found"
    /// A file is there, but it is not the one that was mapped.
    case otherFile = "other-file"
    case notRegular = "not-regular"
    case malformed
    case unreadable
    /// Its tables would take more memory than one file is given.
    case tooLarge = "too-large"
    /// A good file with neither `.symtab` nor `.dynsym`.
    case noSymbols = "no-symbols"

    /// What would let its names be told; empty when nothing would.
    package var advice: String {
        switch self {
        case .notFound:
            "the file is gone: it was deleted, or its container ended; keep it until the profile is read"
        case .otherFile: "another file is at its path now; restart the process after an upgrade"
        case .notRegular, .malformed: ""
        case .unreadable: "let the agent read the file, see the log for what failed"
        case .tooLarge: "strip what is not needed of it, or install a smaller debug file"
        case .noSymbols: "install its debug package (NAME-dbgsym, NAME-dbg, debuginfo)"
        }
    }
}
