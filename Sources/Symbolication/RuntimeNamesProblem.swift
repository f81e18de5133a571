/// Why a runtime's names of its code are not known.
package enum RuntimeNamesProblem: String, Error, Hashable, Sendable, CaseIterable {
    /// There is no such file.
    case notFound = "not-found"
    /// The process has ended.
    case gone
    /// A directory, a link, a FIFO.
    case notRegular = "not-regular"
    /// Somebody else's file: it must not name this process's code.
    case otherOwner = "other-owner"
    /// Written before the process began, by one that had its number then.
    case tooOld = "too-old"
    case tooLarge = "too-large"
    case malformed
    case unreadable

    /// What people read of it.
    package var advice: String {
        switch self {
        case .notFound:
            "no perf map: start node with --perf-basic-prof; for Java 17 or newer, run "
                + "jcmd PID Compiler.perfmap"
        case .gone: "the process has ended"
        case .notRegular: "not a regular file"
        case .otherOwner: "the file belongs neither to the process's user nor to root"
        case .tooOld: "the file is older than the process: it was left behind by another one"
        case .tooLarge: "the file is larger than 256 MiB"
        case .malformed: "the file is no jitdump of this process"
        case .unreadable: "the file cannot be read"
        }
    }
}
