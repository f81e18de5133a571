import ImageFiles
package import LinuxSystem
import ProfileModel
import Synchronization
import Unwinding

/// Builds large tables on a thread of its own: a compiler's takes a quarter of a second, in which the
/// rings would fill. Shared by that thread and the one that asks.
package final class TableLoader: Sendable {
    /// A file that was opened while its process lived.
    final class OpenImage: Sendable {
        let image: MappedImage
        let file: ImageFile

        init(_ image: MappedImage, file: consuming ImageFile) {
            self.image = image
            self.file = file
        }
    }

    /// What became of a file; a nil table: it tells nothing.
    struct Result: Sendable {
        let open: OpenImage
        let table: Swift.Result<UnwindTable?, ImageError>
        let nanoseconds: UInt64
    }

    private struct State {
        var requests: [OpenImage] = []
        var results: [Result] = []
        var isStopping = false
    }

    private let state = Mutex(State())
    private let work: Wakeup
    private let whenDone: Wakeup

    /// - Parameter whenDone: is signalled when a table is there to be taken.
    package init(whenDone: Wakeup) throws(SystemCallError) {
        work = try Wakeup()
        self.whenDone = whenDone
    }

    /// Builds what is asked for until `stop`; on a thread that has nothing else to do.
    package func run() {
        guard let poll = try? EventPoll(), (try? poll.add(work.pollDescriptor)) != nil else {
            return
        }
        while true {
            poll.wait(milliseconds: -1)
            work.clear()
            while let open = next() { finish(Self.build(open)) }
            if state.withLock({ $0.isStopping }) { return }
        }
    }

    /// Ends `run` after the table it is building.
    package func stop() {
        state.withLock { state in
            state.isStopping = true
            state.requests = []
        }
        work.signal()
    }

    func ask(for open: OpenImage) {
        state.withLock { $0.requests.append(open) }
        work.signal()
    }

    /// What was built since the last call.
    func takeResults() -> [Result] {
        state.withLock { state in
            defer { state.results = [] }
            return state.results
        }
    }

    static func build(_ open: OpenImage) -> Result {
        let start = Clock.monotonic
        let table: Swift.Result<UnwindTable?, ImageError>
        do {
            table = .success(try open.file.unwindTable())
        } catch {
            table = .failure(error)
        }
        return Result(open: open, table: table, nanoseconds: Clock.monotonic - start)
    }

    private func next() -> OpenImage? {
        state.withLock { $0.requests.isEmpty ? nil : $0.requests.removeFirst() }
    }

    private func finish(_ result: Result) {
        state.withLock { $0.results.append(result) }
        whenDone.signal()
    }
}
