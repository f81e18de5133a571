import ProfileModel
import ProfileQuery
import Testing

@Suite struct LeafFramesTests {
    private let profile: MergedProfile = {
        var table = StackTable()
        func location(_ name: String, _ line: UInt32) -> StackTable.LocationID {
            table.intern(
                Location(
                    named: [Line(function: Function(name: name), number: line)], kind: .native,
                    module: "m"))
        }
        let main = location("main", 1)
        let other = location("other", 1)
        let values = [
            StackValue(stack: table.intern(stack: [location("leaf", 10), main]), value: 1),
            StackValue(stack: table.intern(stack: [location("leaf", 11), main]), value: 2),
            StackValue(stack: table.intern(stack: [location("leaf", 10), other]), value: 4),
        ]
        return MergedProfile(type: .cpu, range: nil, period: 1, table: table, values: values)
    }()

    private func cut(_ kept: Int, _ leavesOutLeafLine: Bool) -> [String: Int64] {
        let result = LeafFrames(kept: kept, leavesOutLeafLine: leavesOutLeafLine).cut(profile)
        #expect(result.total == profile.total)
        return Dictionary(
            uniqueKeysWithValues: result.values.map { entry in
                let names = result.table.locations(of: entry.stack).map {
                    "\($0.names[0]):\($0.lines[0].number)"
                }
                return (names.joined(separator: " "), entry.value)
            })
    }

    @Test func `keeps as many frames from the leaf as are asked for, adding what becomes equal`() {
        #expect(cut(1, false) == ["leaf:10": 5, "leaf:11": 2])
        #expect(cut(0, false).count == 3)
        #expect(cut(7, false).count == 3)
    }

    @Test func `leaves out the line of the leaf, and of no other frame`() {
        #expect(cut(1, true) == ["leaf:0": 7])
        #expect(cut(0, true) == ["leaf:0 main:1": 3, "leaf:0 other:1": 4])
    }
}
