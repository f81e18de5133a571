/// Ranges of image addresses that may overlap, each with a number: which ones hold an address?
struct RangeTable: Sendable {
    struct Element: Sendable {
        let start: UInt64
        let end: UInt64
        let number: UInt32
    }

    private var elements: [Element] = []
    /// The furthest end of all elements up to each.
    private var reach: [UInt64] = []

    /// How far back an answer looks at most. Real tables need some ten.
    private static let maximumSteps = 1 << 16
    private static let maximumAnswers = 16

    var count: Int { elements.count }
    var isEmpty: Bool { elements.isEmpty }
    var byteCount: Int {
        elements.count * MemoryLayout<Element>.stride + reach.count * MemoryLayout<UInt64>.stride
    }

    mutating func append(_ range: Range<UInt64>, number: UInt32) {
        elements.append(Element(start: range.lowerBound, end: range.upperBound, number: number))
    }

    func forEach(_ body: (Range<UInt64>) -> Void) {
        for element in elements { body(element.start..<element.end) }
    }

    /// To be called after the last `append`: sorts, and joins neighbours of one number.
    mutating func sort() {
        elements.sort { ($0.start, $0.end) < ($1.start, $1.end) }
        var joined: [Element] = []
        joined.reserveCapacity(elements.count)
        for element in elements {
            if let last = joined.last, last.number == element.number, element.start <= last.end {
                joined[joined.count - 1] = Element(
                    start: last.start, end: max(last.end, element.end), number: last.number)
            } else {
                joined.append(element)
            }
        }
        elements = Array(joined)
        var furthest: UInt64 = 0
        reach = elements.map { element in
            furthest = max(furthest, element.end)
            return furthest
        }
    }

    /// The numbers of the ranges that hold the address, the narrowest range first.
    func numbers(at address: UInt64) -> [UInt32] {
        var found: [Element] = []
        var index = elements.partitioningIndex { $0.start > address }
        let stop = max(0, index - Self.maximumSteps)
        while index > stop, found.count < Self.maximumAnswers {
            index -= 1
            guard reach[index] > address else { break }
            if elements[index].end > address { found.append(elements[index]) }
        }
        if found.count > 1 { found.sort { $0.end - $0.start < $1.end - $1.start } }
        return found.map(\.number)
    }
}

extension Array {
    /// The first index whose element fits, in an array where those that fit come last.
    func partitioningIndex(where fits: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if fits(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
