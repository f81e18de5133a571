import Foundation

/// The line on a terminal that says how a recording gets on; silent where nobody watches.
struct Progress: Sendable {
    private let isTerminal = isatty(STDERR_FILENO) == 1

    /// Replaces the line.
    func show(_ text: String) {
        guard isTerminal else { return }
        FileHandle.standardError.write(Data("\r\u{1b}[K\(text)".utf8))
    }

    /// Takes the line away.
    func clear() {
        guard isTerminal else { return }
        FileHandle.standardError.write(Data("\r\u{1b}[K".utf8))
    }
}
