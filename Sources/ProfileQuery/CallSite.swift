import FlameGraph
import ProfileModel

/// A place in the call tree: names from the root down. Inlined functions count, each a name.
struct CallSite: Sendable {
    private let names: [String]

    init(_ names: [String]) { self.names = names }

    /// The stacks that lead through the place, with their whole paths; the table holds no others.
    func select(from whole: MergedProfile) -> MergedProfile {
        let namesOf = whole.table.locations.map { $0.names.reversed() as [String] }
        let values = whole.values.filter {
            isPrefix(of: whole.table.stacks[Int($0.stack)], namesOf)
        }
        return whole.keeping(values)
    }

    private func isPrefix(of stack: [StackTable.LocationID], _ namesOf: [[String]]) -> Bool {
        var depth = 0
        for location in stack.reversed() {
            for name in namesOf[Int(location)] {
                if depth == names.count { return true }
                guard name == names[depth] else { return false }
                depth += 1
            }
        }
        return depth == names.count
    }
}

extension MergedProfile {
    /// Only these of its values, over a table of what they need.
    func keeping(_ kept: [StackValue], other: Int64 = 0) -> MergedProfile {
        var table = StackTable()
        var values: [StackValue] = []
        values.reserveCapacity(kept.count)
        for entry in kept {
            let stack = self.table.stacks[Int(entry.stack)].map {
                table.intern(self.table.locations[Int($0)])
            }
            values.append(StackValue(stack: table.intern(stack: stack), value: entry.value))
        }
        if other != 0 {
            let line = Line(function: Function(name: "other"))
            let location = table.intern(Location(named: [line], kind: .native, module: ""))
            values.append(StackValue(stack: table.intern(stack: [location]), value: other))
        }
        return MergedProfile(type: type, range: range, period: period, table: table, values: values)
    }

    /// The `limit` largest stacks, ties included; the rest is one stack `other`.
    func keepingLargest(_ limit: Int) -> MergedProfile {
        guard values.count > limit, limit > 0 else { return self }
        let threshold = values.map(\.value.magnitude).sorted(by: >)[limit - 1]
        let kept = values.filter { $0.value.magnitude >= threshold }
        let other = values.reduce(Int64(0)) { sum, next in
            next.value.magnitude >= threshold ? sum : sum.addingSaturating(next.value)
        }
        return keeping(kept, other: other)
    }
}
