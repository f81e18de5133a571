import Synchronization

/// What became of samples after they left the kernel: *delivered* = *stored* + the sum of
/// *dropped* + those still in an open window. Exact; shared by the loop and the writer.
package final class SampleLedger: Sendable {
    /// Why a delivered sample was not stored.
    package enum DropReason: String, CaseIterable, Sendable {
        /// The record did not decode.
        case decode
        /// The window held as many stacks as it may.
        case window
        /// Windows came faster than they could be written.
        case backlog
        /// The store refused the window.
        case store

        /// One phrase for people.
        package var meaning: String {
            switch self {
            case .decode: "the record did not decode"
            case .window: "the window held as many stacks as it may"
            case .backlog: "windows came faster than they could be written"
            case .store: "the store refused the window"
            }
        }
    }

    package struct Counts: Sendable {
        package var received: UInt64 = 0
        package var stored: UInt64 = 0
        package var dropped: [DropReason: UInt64] = [:]

        /// In an open window, or on the way to the store.
        package var pending: UInt64 {
            received &- stored &- dropped.values.reduce(0, &+)
        }
    }

    private let state = Mutex(Counts())

    package init() {}

    package var counts: Counts { state.withLock { $0 } }

    /// Samples taken out of the ring, decoded or not.
    func receive(_ count: UInt64) { state.withLock { $0.received += count } }

    func store(_ count: UInt64) { state.withLock { $0.stored += count } }

    func drop(_ count: UInt64, _ reason: DropReason) {
        guard count > 0 else { return }
        state.withLock { $0.dropped[reason, default: 0] += count }
    }
}
