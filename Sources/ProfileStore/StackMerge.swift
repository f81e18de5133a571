import ProfileModel

/// Sums stacks from many dictionaries into one answer.
struct StackMerge {
    var table = StackTable()
    /// By the table's stack numbers.
    private var sums: [Int64] = []
    /// What was too small to be told apart.
    private var other: Int64 = 0
    /// The last period seen that is not 0.
    private(set) var period: Int64 = 0
    /// What the symbols of the partitions asked are in `table`, the last one last.
    private var numberings: [(symbols: SymbolDictionary, numbering: SymbolNumbering)] = []

    /// Adds one dictionary's sums, given by its stack numbers. Magnitudes below `threshold` go to
    /// `other`. False when the dictionary is damaged; what could be read is added.
    mutating func add(
        _ addend: [Int64], of dictionary: ServiceDictionary, _ symbols: SymbolDictionary,
        threshold: UInt64
    ) -> Bool {
        var numbering = SymbolNumbering()
        if let place = numberings.lastIndex(where: { $0.symbols === symbols }) {
            numbering = numberings.remove(at: place).numbering
        }
        defer { numberings.append((symbols, numbering)) }
        // Taken out of `self`, so that the closures change the only copy of what was merged so far.
        var (merge, known) = (self, consume numbering)
        self = StackMerge()
        let isWhole = dictionary.withContent { content in
            symbols.withContent {
                merge.add(addend, of: content, $0, &known, threshold: threshold)
            }
        }
        self = merge
        numbering = known
        return isWhole
    }

    private mutating func add(
        _ addend: [Int64], of content: DictionaryContent, _ symbols: SymbolContent,
        _ numbering: inout SymbolNumbering, threshold: UInt64
    ) -> Bool {
        var isWhole = true
        var locations = [StackTable.LocationID](repeating: -1, count: content.locations.count)
        for (stack, value) in addend.enumerated() where value != 0 {
            guard value.magnitude >= threshold else {
                other = other.addingSaturated(value)
                continue
            }
            var ids: [StackTable.LocationID] = []
            for number in content.locationNumbers(ofStack: stack) {
                if locations[number] < 0 {
                    guard
                        let location = numbering.intern(
                            content.locations[number], symbols, in: &table)
                    else {
                        isWhole = false
                        continue
                    }
                    locations[number] = location
                }
                ids.append(locations[number])
            }
            add(value, to: table.intern(stack: ids))
        }
        return isWhole
    }

    mutating func add(_ stack: [Location], value: Int64) {
        add(value, to: table.intern(stack: stack.map { table.intern($0) }))
    }

    mutating func note(period: Int64) {
        if period != 0 { self.period = period }
    }

    mutating func add(_ value: Int64, to stack: StackTable.StackID) {
        while sums.count <= Int(stack) { sums.append(0) }
        sums[Int(stack)] = sums[Int(stack)].addingSaturated(value)
    }

    /// The smallest magnitude that is among the `limit` largest; 0 when there are no more than that.
    static func threshold(of sums: some Sequence<[Int64]>, limit: Int) -> UInt64 {
        var magnitudes: [UInt64] = []
        for values in sums {
            for value in values where value != 0 { magnitudes.append(value.magnitude) }
        }
        guard magnitudes.count > limit, limit > 0 else { return limit > 0 ? 0 : .max }
        magnitudes.sort(by: >)
        return magnitudes[limit - 1]
    }

    /// The answer, with at most about `limit` stacks told apart.
    consuming func finish(type: ProfileType, range: TimeRange, limit: Int) -> MergedProfile {
        let threshold = Self.threshold(of: CollectionOfOne(sums), limit: limit)
        var values: [StackValue] = []
        for (stack, value) in sums.enumerated() where value != 0 {
            if value.magnitude >= threshold {
                values.append(StackValue(stack: StackTable.StackID(stack), value: value))
            } else {
                other = other.addingSaturated(value)
            }
        }
        if other != 0 {
            let line = Line(function: Function(name: "other"))
            let location = table.intern(Location(named: [line], kind: .native, module: ""))
            values.append(StackValue(stack: table.intern(stack: [location]), value: other))
        }
        return MergedProfile(
            type: type, range: range, period: period, table: table, values: values)
    }
}
