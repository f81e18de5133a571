import ProfileModel

/// Folded stacks of nanoseconds as a node answers them, read back.
struct FoldedProfile {
    let merged: MergedProfile

    /// Lines that are not `root;…;leaf value` are left out.
    init(_ text: String) {
        var table = StackTable()
        var sums: [StackTable.StackID: Int64] = [:]
        for line in text.split(separator: "\n") {
            guard let space = line.lastIndex(of: " "),
                let value = Int64(line[line.index(after: space)...])
            else { continue }
            let stack = line[..<space].split(separator: ";").reversed().map { name in
                table.intern(
                    Location(
                        named: [Line(function: Function(name: String(name)))], kind: .native,
                        module: ""))
            }
            sums[table.intern(stack: stack), default: 0] += value
        }
        merged = MergedProfile(
            type: .cpu, range: nil, period: 0, table: table,
            values: sums.map { StackValue(stack: $0.key, value: $0.value) })
    }
}
