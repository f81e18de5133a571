/// Why an image cannot be read, or tells nothing.
package enum ImageError: String, Error, Hashable, Sendable, CaseIterable {
    /// No path led to a file: it was deleted, or its process has ended with its mount namespace.
    case notFound = "not-found"
    /// A file is there, but it is not the one that was mapped.
    case otherFile = "other-file"
    case notRegular = "not-regular"
    case malformed
    case unreadable
    /// A good file with neither `.symtab` nor `.dynsym`.
    case noSymbols = "no-symbols"
}
