/// Addresses that code of one function takes.
struct CodeRange: Hashable, Sendable {
    let start: UInt64
    let length: UInt32
    /// Its number in `RuntimeCode`.
    let function: UInt32
    /// How far into the function `start` is: not 0 where code that came later cut its beginning off.
    let offset: UInt32

    /// One past the last address; `RuntimeCode.add` refuses what has none.
    var end: UInt64 { start + UInt64(length) }

    init(start: UInt64, length: UInt32, function: UInt32, offset: UInt32 = 0) {
        self.start = start
        self.length = length
        self.function = function
        self.offset = offset
    }

    /// The part before `address`, which is inside.
    func prefix(upTo address: UInt64) -> CodeRange {
        CodeRange(
            start: start, length: UInt32(address - start), function: function, offset: offset)
    }

    /// The part from `address` on, which is inside.
    func suffix(from address: UInt64) -> CodeRange {
        CodeRange(
            start: address, length: UInt32(end - address), function: function,
            offset: offset + UInt32(address - start))
    }
}

/// Sorts ranges that overlap, where the later one wins, by merging: O(n log n) whatever they are.
enum CodeOverlay {
    /// What is left of a sequence of ranges when each lay over all before: sorted and disjoint.
    static func flatten(_ sequence: [CodeRange]) -> [CodeRange] {
        // Runtimes write much in order: such runs are flat as they are.
        var layers: [[CodeRange]] = []
        var first = 0
        for index in sequence.indices.dropFirst()
        where sequence[index].start < sequence[index - 1].end {
            layers.append(Array(sequence[first..<index]))
            first = index
        }
        layers.append(Array(sequence[first...]))
        while layers.count > 1 {
            layers = stride(from: 0, to: layers.count, by: 2).map { index in
                index + 1 < layers.count
                    ? lay(layers[index + 1], over: layers[index]) : layers[index]
            }
        }
        return layers[0]
    }

    /// Both are sorted and disjoint, and so is the result.
    static func lay(_ newer: [CodeRange], over older: [CodeRange]) -> [CodeRange] {
        guard !newer.isEmpty else { return older }
        var result: [CodeRange] = []
        result.reserveCapacity(newer.count + older.count)
        var next = 1
        // What is left of the older range whose turn it is.
        var rest = older.first
        func advance() {
            rest = next < older.count ? older[next] : nil
            next += 1
        }
        for range in newer {
            while let old = rest, old.start < range.start {
                if old.end <= range.start {
                    result.append(old)
                    advance()
                } else {
                    result.append(old.prefix(upTo: range.start))
                    rest = old.suffix(from: range.start)
                }
            }
            result.append(range)
            while let old = rest, old.start < range.end {
                if old.end <= range.end { advance() } else { rest = old.suffix(from: range.end) }
            }
        }
        if let rest { result.append(rest) }
        if next < older.count { result.append(contentsOf: older[next...]) }
        return result
    }
}
