import Glibc
import ImageFiles
import LinuxSystem
package import ProfileModel
import Synchronization

/// Debug files that were fetched from a server, by build ID, and which ones would help. Fetching is
/// somebody else's: naming never waits for it, and asks again when a file has come.
package final class DebugFileDepot: Sendable {
    private struct State {
        var wanted: [BuildID] = []
        /// When to want what could not be had again (CLOCK_MONOTONIC, nanoseconds).
        var refused: [BuildID: UInt64] = [:]
    }

    private let directory: String
    private let byteLimit: Int
    private let state = Mutex(State())

    /// Wishes kept; whatever is sampled is wished for again.
    private static let wishLimit = 256
    private static let refusalLimit = 4096
    private static let ending = ".debug"

    /// - Parameters:
    ///   - directory: is made if it is not there, for the owner alone.
    ///   - byteLimit: of all files together; those fetched longest ago go first.
    package init(directory: String, byteLimit: Int = 1 << 30) {
        unsafe mkdir(directory, 0o700)
        self.directory = directory
        self.byteLimit = byteLimit
    }

    /// Where the file of this build ID lies, or should be put.
    package func path(of id: BuildID) -> String { "\(directory)/\(id.hexadecimal)\(Self.ending)" }

    /// The file, if it is here and is what it should be; else it is wished for.
    func open(_ id: BuildID) -> ImageFile? {
        if let descriptor = try? OwnedDescriptor(opening: path(of: id)),
            let file = try? ImageFile(descriptor), file.buildID() == id
        {
            return file
        }
        let now = Clock.monotonic
        state.withLock { state in
            guard state.wanted.count < Self.wishLimit, !state.wanted.contains(id),
                now >= state.refused[id] ?? 0
            else { return }
            state.wanted.append(id)
        }
        return nil
    }

    /// Takes the oldest wish.
    package func nextWish() -> BuildID? {
        state.withLock { $0.wanted.isEmpty ? nil : $0.wanted.removeFirst() }
    }

    /// Nobody has the file: not wished for again before so many seconds.
    package func refuse(_ id: BuildID, seconds: UInt64) {
        state.withLock { state in
            if state.refused.count >= Self.refusalLimit { state.refused = [:] }
            state.refused[id] = Clock.monotonic + seconds * 1_000_000_000
        }
    }

    /// A file has been put to its path. False, and it is removed, when it is not what it should be.
    package func accept(_ id: BuildID) -> Bool {
        guard let descriptor = try? OwnedDescriptor(opening: path(of: id)),
            let file = try? ImageFile(descriptor), file.buildID() == id
        else {
            unsafe unlink(path(of: id))
            return false
        }
        BoundedDirectory.removeOldest(in: directory, ending: Self.ending, byteLimit: byteLimit)
        return true
    }
}
