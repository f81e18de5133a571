import Testing

@testable import ProcessTracking

@Suite struct TimeOrderedQueueTests {
    @Test func `gives what is old enough, in order of time and then of arrival`() {
        var queue = TimeOrderedQueue<String>()
        for (element, time) in [("d", 40), ("b1", 20), ("a", 10), ("b2", 20), ("e", 50)] {
            queue.add(element, at: UInt64(time))
        }
        #expect(queue.release(upTo: 5) == [])
        #expect(queue.release(upTo: 40) == ["a", "b1", "b2", "d"])
        #expect(queue.count == 1)
        #expect(queue.lateCount == 0)
        queue.add("c", at: 30)
        #expect(queue.lateCount == 1)
        #expect(queue.release(upTo: .max) == ["c", "e"])
        #expect(queue.count == 0)
    }

    @Test func `merges sources without losing an element`() {
        var queue = TimeOrderedQueue<UInt64>()
        var released: [UInt64] = []
        for round in UInt64(0)..<50 {
            for _ in 0..<100 {
                let time = round * 100 + .random(in: 0..<200)
                queue.add(time, at: time)
            }
            released += queue.release(upTo: round * 100 + 99)
        }
        released += queue.release(upTo: .max)
        #expect(released.count == 5000)
        #expect(released == released.sorted())
        #expect(queue.lateCount == 0)
    }
}
