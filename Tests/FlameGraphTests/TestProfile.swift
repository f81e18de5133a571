import ProfileModel

/// A profile from folded lines, `root;…;leaf value`; a name that ends in `_[k]` is a kernel frame.
func profile(_ text: String, period: Int64 = 1) -> MergedProfile {
    var table = StackTable()
    var values: [StackValue] = []
    for line in text.split(separator: "\n") {
        guard let space = line.lastIndex(of: " "),
            let value = Int64(line[line.index(after: space)...])
        else { continue }
        let stack = line[..<space].split(separator: ";").reversed().map { name in
            let isKernel = name.hasSuffix("_[k]")
            return table.intern(
                Location(
                    named: [
                        Line(function: Function(name: String(isKernel ? name.dropLast(4) : name)))
                    ], kind: isKernel ? .kernel : .native, module: isKernel ? "vmlinux" : "program")
            )
        }
        values.append(StackValue(stack: table.intern(stack: stack), value: value))
    }
    return MergedProfile(type: .cpu, range: nil, period: period, table: table, values: values)
}
