import ProfileModel
import Testing

@Suite struct ProfileModelTests {
    @Test func `sorts labels, keeps the last of a name, and leaves out empty ones`() {
        let labels = LabelSet([
            Label("b", "2"), Label("a", "1"), Label("b", "3"), Label("empty", ""),
        ])
        #expect(labels.labels == [Label("a", "1"), Label("b", "3")])
        #expect(labels["b"] == "3")
        #expect(labels["empty"] == nil)
        #expect(labels == LabelSet([Label("b", "3"), Label("a", "1")]))
    }

    @Test func `writes labels as Prometheus does`() {
        #expect(LabelSet([]).description == "{}")
        let nasty = LabelSet([Label("a", "quote \" slash \\ line\n end")])
        #expect(nasty.description == #"{a="quote \" slash \\ line\n end"}"#)
    }

    @Test func `keeps one copy of equal locations and stacks`() {
        var table = StackTable()
        func location(_ name: String) -> Location {
            Location(named: [Line(function: Function(name: name))], kind: .native, module: "m")
        }
        let first = table.intern(location("f"))
        let second = table.intern(location("g"))
        #expect(table.intern(location("f")) == first)
        let stack = table.intern(stack: [first, second])
        #expect(table.intern(stack: [first, second]) == stack)
        #expect(table.intern(stack: [second, first]) != stack)
        #expect(table.locations(of: stack).flatMap(\.names) == ["f", "g"])
        let kernel = Location(
            named: [Line(function: Function(name: "f"))], kind: .kernel, module: "m")
        #expect(table.intern(kernel) != first)
    }

    @Test func `shows names, else module and offset, else the address`() {
        let lines = [
            Line(function: Function(name: "inner")), Line(function: Function(name: "outer")),
        ]
        #expect(Location(named: lines, kind: .native, module: "m").names == ["inner", "outer"])
        let address = ImageAddress(0x1f00)
        #expect(
            Location(unnamed: address, kind: .native, module: "libc.so.6").names == [
                "libc.so.6+0x1f00"
            ])
        #expect(Location(unnamed: address, kind: .native, module: "").names == ["0x1f00"])
    }

    @Test func `every stop reason has a name and words of its own`() {
        #expect(Set(StopReason.all.map(\.name)).count == StopReason.all.count)
        #expect(Set(StopReason.all.map(\.summary)).count == StopReason.all.count)
        #expect(StopReason.all.filter(\.isComplete) == [.endOfStack, .noUserStack])
        #expect(StopReason(rawValue: 9_999).name == "unknown-9999")
    }

    @Test func `a range ends no earlier than it begins`() {
        let (early, late) = (Timestamp(milliseconds: 5), Timestamp(milliseconds: 6))
        #expect(TimeRange(late, early) == nil)
        #expect(TimeRange(early, early)?.contains(early) == true)
        #expect(TimeRange(early, early)?.contains(late) == false)
    }

    @Test func `a sum of stacks saturates`() {
        var table = StackTable()
        let stack = table.intern(stack: [])
        let profile = MergedProfile(
            type: .cpu, range: nil, period: 1, table: table,
            values: [StackValue(stack: stack, value: .max), StackValue(stack: stack, value: 1)])
        #expect(profile.total == .max)
    }
}
