import FlameGraph
import ProfileModel
import Testing

@testable import HearthCommands

/// What `hearth diff` prints.
@Suite struct DifferenceTableTests {
    private func profile(_ text: String) -> MergedProfile { FoldedProfile(text).merged }

    @Test func `shares are compared, not sums`() {
        // Twice the time, the same shares.
        let table = DifferenceTable(
            profile("main;a 3000\nmain;b 1000"), profile("main;a 6000\nmain;b 2000"), period: 1)
        #expect(table.rows.allSatisfy { abs($0.change) < 1e-9 })
        #expect(table.text(rows: 10).contains("nothing changed"))
    }

    @Test func `the largest change comes first, with its own shares before and after`() {
        let table = DifferenceTable(
            profile("main;a 500\nmain;b 400\nmain;c 100"),
            profile("main;a 500\nmain;b 100\nmain;c 400"), period: 1)
        let first = Set(table.rows.prefix(2).map(\.name))
        #expect(first == ["b", "c"])
        let c = table.rows.first { $0.name == "c" }
        #expect(c?.own.before == 0.1)
        #expect(c?.own.after == 0.4)
        #expect(table.rows.first { $0.name == "main" }?.total.before == 1)
    }

    @Test func `a change that chance explains is in brackets`() {
        // 100 samples: 10 against 14 is within chance; 100,000 samples of the same shares are not.
        let few = DifferenceTable(
            profile("main;a 10\nmain;b 90"), profile("main;a 14\nmain;b 86"), period: 1)
        #expect(few.text(rows: 5).contains("(+4.0)"))
        let many = DifferenceTable(
            profile("main;a 10000\nmain;b 90000"), profile("main;a 14000\nmain;b 86000"), period: 1)
        #expect(many.text(rows: 5).contains("+4.0 "))
        #expect(!many.text(rows: 5).contains("(+4.0)"))
    }

    @Test(arguments: [("", "main 1"), ("main 1", "")])
    func `a side without samples is told apart`(before: String, after: String) {
        #expect(!DifferenceTable(profile(before), profile(after)).hasBoth)
    }

    @Test func `a function that is new has no share before`() {
        let table = DifferenceTable(profile("main;a 1"), profile("main;new 1"), period: 1)
        let new = table.rows.first { $0.name == "new" }
        #expect(new?.own.before == 0)
        #expect(new?.own.after == 1)
    }
}

/// What `hearth top` shows and chooses.
@Suite struct TopViewTests {
    private func view(_ names: [String]) -> TopView {
        var view = TopView(chosen: nil)
        view.applications = ApplicationList(
            from: 0, until: 60_000,
            services: names.map { .init(serviceName: $0, cpuNanoseconds: 1_000_000_000) })
        return view
    }

    @Test func `down chooses the first, then the next, and stays at the last`() {
        var view = view(["web", "db"])
        let chosen = (0..<3).map { _ in
            view.move(by: 1)
            return view.chosen
        }
        #expect(chosen == ["web", "db", "db"])
        view.move(by: -1)
        #expect(view.chosen == "web")
    }

    @Test func `an application that went away is left for the first`() {
        var view = view(["web", "db"])
        view.chosen = "gone"
        view.move(by: 1)
        #expect(view.chosen == "web")
    }

    @Test func `fits the terminal`() {
        var view = view((0..<50).map { "service-\($0)" })
        view.functions =
            FoldedProfile(
                (0..<80).map { "main;function-\($0) 1000000" }.joined(separator: "\n")
            ).merged
        let lines = view.text(rows: 24, columns: 40).split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 24)
        #expect(lines.allSatisfy { $0.count <= 40 })
        #expect(lines.contains { $0.contains("functions of all applications") })
    }

    @Test func `without applications there is nothing to choose`() {
        var view = TopView(chosen: nil)
        view.move(by: 1)
        #expect(view.chosen == nil)
        #expect(view.text(rows: 10, columns: 80).contains("no samples"))
    }
}
