/// What is free in one segment: sorted, disjoint, neighbours joined.
struct FreeRanges {
    private var ranges: [Range<Int>]
    /// Free bytes in all.
    private(set) var total: Int

    init(_ range: Range<Int>) {
        ranges = [range]
        total = range.count
    }

    /// Takes the first `length` bytes that are free together; nil when there are none.
    mutating func take(_ length: Int) -> Int? {
        guard length <= total, let index = ranges.firstIndex(where: { $0.count >= length }) else {
            return nil
        }
        let range = ranges[index]
        if range.count == length {
            ranges.remove(at: index)
        } else {
            ranges[index] = range.lowerBound + length..<range.upperBound
        }
        total -= length
        return range.lowerBound
    }

    mutating func insert(_ range: Range<Int>) {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].lowerBound < range.lowerBound {
                low = middle + 1
            } else {
                high = middle
            }
        }
        total += range.count
        var joined = range
        if low < ranges.count, ranges[low].lowerBound == joined.upperBound {
            joined = joined.lowerBound..<ranges[low].upperBound
            ranges.remove(at: low)
        }
        if low > 0, ranges[low - 1].upperBound == joined.lowerBound {
            ranges[low - 1] = ranges[low - 1].lowerBound..<joined.upperBound
        } else {
            ranges.insert(joined, at: low)
        }
    }
}
