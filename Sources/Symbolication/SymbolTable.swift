package import ProfileModel

/// Functions of one image by address, compact: sorted starts and ends over one pool of names.
package struct SymbolTable: Sendable {
    private var starts: [UInt64] = []
    private var ends: [UInt64] = []
    private var names: [UInt32] = []
    /// Zero-terminated names, one after the other.
    private var pool: [UInt8] = []

    package var isEmpty: Bool { starts.isEmpty }
    package var count: Int { starts.count }

    /// What the table takes in memory.
    package var byteCount: Int { starts.count * 20 + pool.count }

    /// The mangled name of the function that holds `address`, and which addresses have that name; nil
    /// in a gap: a function that has ended names nothing behind it.
    package func function(at address: ImageAddress) -> (name: String, range: Range<UInt64>)? {
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= address.value { low = middle + 1 } else { high = middle }
        }
        guard low > 0, address.value < ends[low - 1] else { return nil }
        let start = Int(names[low - 1])
        let name = pool[start...].prefix { $0 != 0 }
        // Where a symbol lies inside another, the address has the name of the one that began last.
        let end = low < starts.count ? min(ends[low - 1], starts[low]) : ends[low - 1]
        return (String(decoding: name, as: UTF8.self), starts[low - 1]..<end)
    }

    /// One symbol before sorting.
    struct Entry {
        let start: UInt64
        /// 0: up to the next symbol, or to the end of `limit`.
        let size: UInt64
        /// Higher is better when several symbols begin at one address.
        let rank: UInt8
        let name: UInt32
    }

    /// Sorts and keeps the best of the symbols that begin at one address.
    ///
    /// - Parameters:
    ///   - strings: what the entries' names point into; zero-terminated strings.
    ///   - limit: the end of the code range that holds an address, for symbols without a size.
    init(_ entries: [Entry], strings: RawSpan, limit: (UInt64) -> UInt64) {
        let sorted = entries.sorted { ($0.start, $1.rank, $1.size) < ($1.start, $0.rank, $0.size) }
        var best: [Entry] = []
        for entry in sorted where best.last?.start != entry.start { best.append(entry) }
        starts.reserveCapacity(best.count)
        ends.reserveCapacity(best.count)
        names.reserveCapacity(best.count)
        for (index, entry) in best.enumerated() {
            let next = index + 1 < best.count ? best[index + 1].start : .max
            let (end, overflow) = entry.start.addingReportingOverflow(entry.size)
            let bound = entry.size == 0 ? min(next, limit(entry.start)) : overflow ? .max : end
            guard bound > entry.start, let name = copyName(entry.name, from: strings) else {
                continue
            }
            starts.append(entry.start)
            ends.append(bound)
            names.append(name)
        }
    }

    private mutating func copyName(_ offset: UInt32, from strings: RawSpan) -> UInt32? {
        guard pool.count <= max(Self.smallPool, 4 * strings.byteCount),
            let place = UInt32(exactly: pool.count), Int(offset) < strings.byteCount
        else { return nil }
        // A name without an end within its table, or without a single character, is no name.
        let bytes = strings.extracting(
            Int(offset)..<min(strings.byteCount, Int(offset) + Self.longestName))
        unsafe bytes.withUnsafeBytes { bytes in
            let end = unsafe bytes.firstIndex(of: 0) ?? bytes.endIndex
            unsafe pool.append(contentsOf: bytes[..<end])
        }
        guard pool.count > Int(place) else { return nil }
        pool.append(0)
        return place
    }

    /// Swift and C++ templates make names of many kilobytes; beyond this nobody reads them.
    private static let longestName = 16 * 1024
    /// Symbols may share names, and the ends of names: to some degree they do, but a hostile table of
    /// some megabytes would have millions share a long one. A pool up to this size is always fine.
    private static let smallPool = 1 << 20
}
