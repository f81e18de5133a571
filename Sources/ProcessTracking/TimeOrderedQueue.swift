/// Puts elements of several sources, each roughly in order, into one order of time.
///
/// What is newer than a cutoff is held back, since an older element may still arrive. Elements of
/// one time keep the order in which they were added.
package struct TimeOrderedQueue<Element> {
    fileprivate struct Entry {
        let time: UInt64
        let number: UInt64
        let element: Element
    }

    private var held: [Entry] = []
    private var added: UInt64 = 0
    private var released: UInt64 = 0
    /// Elements that came after a newer one had been released: the cutoff was too close.
    package private(set) var lateCount: UInt64 = 0

    package init() {}

    /// How many are held back.
    package var count: Int { held.count }

    /// `time` is CLOCK_MONOTONIC, nanoseconds.
    package mutating func add(_ element: Element, at time: UInt64) {
        if time < released { lateCount &+= 1 }
        held.append(Entry(time: time, number: added, element: element))
        added &+= 1
    }

    /// Takes out, oldest first, everything up to and including `cutoff`.
    package mutating func release(upTo cutoff: UInt64) -> [Element] {
        let middle = held.partition { $0.time <= cutoff }
        let due = held[middle...].sorted { ($0.time, $0.number) < ($1.time, $1.number) }
        held.removeSubrange(middle...)
        if let last = due.last { released = max(released, last.time) }
        return due.map(\.element)
    }
}

extension TimeOrderedQueue: Sendable where Element: Sendable {}
extension TimeOrderedQueue.Entry: Sendable where Element: Sendable {}
