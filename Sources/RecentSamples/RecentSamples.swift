package import LinuxSystem
import ProfileModel
import ProfileStore
import Synchronization

/// The single samples of the last hour or so: who ran when, on which CPU, with which stack.
///
/// A ring of chapters. One is open and takes in windows as they close; what it has in memory is written,
/// part by part, to a file without a name. Whole chapters go: when they are too old, and the oldest
/// when all take too much. Nothing is left of them after a restart.
package final class RecentSamples: Sendable {
    private struct State {
        var open: OpenChapter?
        /// Oldest first.
        var sealed: [RecentChapter] = []
        var dropped: [RecentHoldings.DropReason: UInt64] = [:]
        var droppedUntil: Timestamp?
    }

    private let directory: String
    private let options: RecentOptions
    private let state = Mutex(State())

    /// - Parameter directory: where chapters are written. It must be there.
    package init(directory: String, options: RecentOptions = RecentOptions()) {
        self.directory = directory
        self.options = options
    }

    // MARK: Writing

    /// Takes a window in; from then on queries see it.
    ///
    /// Throws when something could not be written: all that is held so far is lost then, and counted.
    package func add(_ window: RecentWindow) throws(SystemCallError) {
        let codec = ZstdCodec()
        try state.withLock { state throws(SystemCallError) in
            defer { trim(&state, now: window.end) }
            state.dropped[.window, default: 0] += UInt64(window.missing)
            var problem: SystemCallError?
            if let open = state.open, isOver(open, before: window) {
                state.open = nil
                do throws(SystemCallError) {
                    try close(open, in: &state, codec)
                } catch {
                    problem = error  // this window is kept all the same
                }
            }
            var open = state.open ?? OpenChapter(start: window.start)
            state.open = nil  // one owner: what follows must not copy it
            open.add(window, codec)
            if open.footprint - open.lastingFootprint >= options.partBytes {
                try write(&open, in: &state, codec)
            }
            state.open = open
            if let problem { throw problem }
        }
    }

    /// Whether the chapter is not to take in this window. A clock that was set back begins a new one.
    private func isOver(_ open: OpenChapter, before window: RecentWindow) -> Bool {
        let length = window.end.milliseconds - open.start.milliseconds
        return length > max(options.chapterMilliseconds, window.durationMilliseconds) || length <= 0
            || open.byteCount >= options.chapterBytes
            || open.lastingFootprint >= options.lastingBytes
    }

    private func close(
        _ open: OpenChapter, in state: inout State, _ codec: borrowing ZstdCodec
    ) throws(SystemCallError) {
        var open = open
        try write(&open, in: &state, codec)
        let chapter = open.sealed
        if !chapter.parts.isEmpty { state.sealed.append(chapter) }
    }

    /// What cannot be written is dropped, and all before it: what is held has no gaps.
    private func write(
        _ open: inout OpenChapter, in state: inout State, _ codec: borrowing ZstdCodec
    ) throws(SystemCallError) {
        do {
            try open.write(in: directory, codec)
        } catch {
            for chapter in state.sealed + [open.chapter] { drop(chapter, .file, from: &state) }
            state.sealed = []
            throw error
        }
    }

    private func trim(_ state: inout State, now: Timestamp) {
        let oldest = now.milliseconds - options.spanMilliseconds
        while let first = state.sealed.first, first.end.milliseconds <= oldest {
            drop(state.sealed.removeFirst(), .age, from: &state)
        }
        var bytes = state.sealed.reduce(state.open?.totalBytes ?? 0) { $0 + $1.byteCount }
        while let first = state.sealed.first,
            bytes > options.byteLimit || state.sealed.count >= RecentOptions.chapterLimit
        {
            bytes -= first.byteCount
            drop(state.sealed.removeFirst(), .bytes, from: &state)
        }
        if bytes > options.byteLimit, let open = state.open {
            state.open = nil
            drop(open.chapter, .bytes, from: &state)
        }
    }

    private func drop(
        _ chapter: RecentChapter, _ reason: RecentHoldings.DropReason, from state: inout State
    ) {
        state.dropped[reason, default: 0] += UInt64(chapter.sampleCount)
        state.droppedUntil = max(state.droppedUntil ?? chapter.end, chapter.end)
    }

    // MARK: Reading

    /// Everything held, the oldest first. What is dropped meanwhile stays readable through it.
    package func chapters() -> [RecentChapter] {
        state.withLock { state in
            (state.sealed + (state.open.map { [$0.chapter] } ?? [])).filter { !$0.parts.isEmpty }
        }
    }

    package var holdings: RecentHoldings {
        state.withLock { state in
            var holdings = RecentHoldings()
            let open = state.open.map { [$0.chapter] } ?? []
            for chapter in state.sealed + open where chapter.sampleCount > 0 {
                holdings.samples += chapter.sampleCount
                holdings.chapters += 1
                holdings.bytes += chapter.byteCount
                holdings.start = min(holdings.start ?? chapter.start, chapter.start)
                holdings.end = max(holdings.end ?? chapter.end, chapter.end)
            }
            holdings.memoryBytes = state.open?.footprint ?? 0
            holdings.dropped = state.dropped
            holdings.droppedUntil = state.droppedUntil
            return holdings
        }
    }
}
