/// Puts elements of several sources, each roughly in order, into one order of time.
///
/// What is newer than a cutoff is held back, since an older element may still arrive. Elements of
/// one time keep the order in which they were added. Inlinable, so that each module that has one has it
/// made for its element.
package struct TimeOrderedQueue<Element> {
    /// Where an element is; it stays there while its turn is found.
    @usableFromInline struct Turn {
        @usableFromInline let time: UInt64
        @usableFromInline let place: Int

        @inlinable
        init(time: UInt64, place: Int) {
            self.time = time
            self.place = place
        }
    }

    /// In the order in which they came, as are `turns`.
    @usableFromInline var held: [Element] = []
    @usableFromInline var turns: [Turn] = []
    @usableFromInline var released: UInt64 = 0
    /// Elements that came after a newer one had been released: the cutoff was too close.
    @usableFromInline package internal(set) var lateCount: UInt64 = 0

    @inlinable
    package init() {}

    /// How many are held back.
    @inlinable package var count: Int { held.count }

    /// `time` is CLOCK_MONOTONIC, nanoseconds.
    @inlinable
    package mutating func add(_ element: consuming Element, at time: UInt64) {
        if time < released { lateCount &+= 1 }
        turns.append(Turn(time: time, place: held.count))
        held.append(element)
    }

    /// Takes out, oldest first, everything up to and including `cutoff`.
    @inlinable
    package mutating func release(upTo cutoff: UInt64) -> [Element] {
        var due: [Turn] = []
        var rest: [Turn] = []
        for turn in turns {
            if turn.time <= cutoff { due.append(turn) } else { rest.append(turn) }
        }
        guard !due.isEmpty else { return [] }
        due.sort { ($0.time, $0.place) < ($1.time, $1.place) }
        released = max(released, due[due.count - 1].time)
        var elements: [Element] = []
        elements.reserveCapacity(due.count)
        for turn in due { elements.append(held[turn.place]) }
        keep(rest)
        return elements
    }

    /// Forgets what is not among these, which are in the order in which they came.
    @inlinable
    mutating func keep(_ rest: [Turn]) {
        var kept: [Element] = []
        kept.reserveCapacity(rest.count)
        turns.removeAll(keepingCapacity: true)
        for turn in rest {
            turns.append(Turn(time: turn.time, place: kept.count))
            kept.append(held[turn.place])
        }
        held = kept
    }
}

extension TimeOrderedQueue: Sendable where Element: Sendable {}
extension TimeOrderedQueue.Turn: Sendable {}
