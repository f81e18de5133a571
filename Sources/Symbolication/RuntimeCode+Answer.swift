extension RuntimeCode {
    /// What is known of an address.
    struct Answer: Hashable, Sendable {
        let name: String
        /// When the runtime made the code, in its own clock; 0 when it did not say.
        let time: UInt64
        /// Of the row that holds the address; empty and 0 without one.
        let file: String
        let line: UInt32
    }

    /// The function at an address, as of the last `settle`; nil in a gap.
    func answer(at address: UInt64) -> Answer? {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].start <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0, address < ranges[low - 1].end else { return nil }
        let range = ranges[low - 1]
        let number = Int(range.function)
        let row = row(of: number, at: range.offset + UInt32(address - range.start))
        return Answer(
            name: String(decoding: names[nameRange(of: number)], as: UTF8.self),
            time: functions[number].time, file: row.map { files[Int($0.file)] } ?? "",
            line: row?.line ?? 0)
    }

    /// Where in the names a function's is.
    func nameRange(of function: Int) -> Range<Int> {
        let next = function + 1
        let end = next < functions.count ? Int(functions[next].name) : names.count
        return Int(functions[function].name)..<end
    }

    /// Which rows are a function's.
    func rowRange(of function: Int) -> Range<Int> {
        let next = function + 1
        let end = next < functions.count ? Int(functions[next].row) : rows.count
        return Int(functions[function].row)..<end
    }

    private func row(of function: Int, at offset: UInt32) -> Row? {
        let range = rowRange(of: function)
        var low = range.lowerBound
        var high = range.upperBound
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].offset <= offset { low = middle + 1 } else { high = middle }
        }
        return low > range.lowerBound ? rows[low - 1] : nil
    }
}
