import CLinuxShims
import Glibc

/// Waits for any of several descriptors to become readable (`epoll(7)`).
package struct EventPoll: ~Copyable, Sendable {
    private let descriptor: OwnedDescriptor

    package init() throws(SystemCallError) {
        let number = shim_epoll_create()
        guard number >= 0 else { throw .last("epoll_create1") }
        descriptor = OwnedDescriptor(owning: number)
    }

    /// Watches a descriptor that somebody else owns; it leaves by itself when it is closed.
    package func add(_ number: Int32) throws(SystemCallError) {
        guard shim_epoll_add(descriptor.number, number) == 0 else { throw .last("epoll_ctl") }
    }

    /// Returns when something is readable, when `milliseconds` are over, or on a signal.
    package func wait(milliseconds: Int32) {
        _ = shim_epoll_wait(descriptor.number, milliseconds)
    }
}

/// Wakes a thread that sits in `EventPoll.wait` from any other (`eventfd(2)`).
package final class Wakeup: Sendable {
    private let descriptor: OwnedDescriptor

    package init() throws(SystemCallError) {
        let number = shim_eventfd_create()
        guard number >= 0 else { throw .last("eventfd") }
        descriptor = OwnedDescriptor(owning: number)
    }

    package var pollDescriptor: Int32 { descriptor.number }

    /// Makes the descriptor readable. Never blocks.
    package func signal() { shim_eventfd_signal(descriptor.number) }

    /// Makes it unreadable again.
    package func clear() { shim_eventfd_clear(descriptor.number) }
}
