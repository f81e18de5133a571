extension RuntimeCode {
    /// What it takes in memory, about.
    var byteCount: Int {
        (ranges.count + functions.count) * MemoryLayout<CodeRange>.stride
            + rows.count * MemoryLayout<Row>.stride + names.count + files.count * 128
    }

    /// Forgets what nothing leads to any more, and the functions that were added longest ago, until
    /// everything has half the room. Gives functions other numbers.
    mutating func halve() {
        settle()
        var pieces = [Int](repeating: 0, count: functions.count)
        for range in ranges { pieces[Int(range.function)] += 1 }
        let oldest = oldestKept(pieces)
        dropped += UInt64(pieces[..<oldest].count { $0 > 0 })
        rebuild { $0 >= oldest && pieces[$0] > 0 }
        renumberings += 1
    }

    /// From which function on all that have code left take no more than half of each limit.
    private func oldestKept(_ pieces: [Int]) -> Int {
        var ranges = 0
        var nameBytes = 0
        var rows = 0
        var number = functions.count
        while number > 0 {
            if pieces[number - 1] > 0 {
                ranges += pieces[number - 1]
                nameBytes += nameRange(of: number - 1).count
                rows += rowRange(of: number - 1).count
                guard ranges <= limits.functions / 2, nameBytes <= limits.nameBytes / 2,
                    rows <= limits.rows / 2
                else { break }
            }
            number -= 1
        }
        return number
    }

    private mutating func rebuild(keeping isKept: (Int) -> Bool) {
        var numbers = [UInt32?](repeating: nil, count: functions.count)
        var functions: [Function] = []
        var names: [UInt8] = []
        var rows: [Row] = []
        for number in self.functions.indices where isKept(number) {
            numbers[number] = UInt32(functions.count)
            functions.append(
                Function(
                    name: UInt32(names.count), row: UInt32(rows.count),
                    time: self.functions[number].time))
            names.append(contentsOf: self.names[nameRange(of: number)])
            rows.append(contentsOf: self.rows[rowRange(of: number)])
        }
        ranges = ranges.compactMap { range in
            numbers[Int(range.function)].map {
                CodeRange(
                    start: range.start, length: range.length, function: $0, offset: range.offset)
            }
        }
        self.functions = functions
        self.names = names
        self.rows = rows
    }
}
