import ArgumentParser
import Foundation
import ProfileModel

/// `hearth diff`.
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Say what changed between two times, or differs between two selections.",
        discussion: """
            hearth diff nginx --last 15m --ago 1d    now against the same 15 minutes yesterday
            hearth diff '{version="1"}' '{version="2"}' --last 1h
            hearth diff nginx --from now-1h --baseline-from now-3h --baseline-until now-2h
            hearth diff nginx --ago 1h -o out.html   … as a difference flame graph

            Shares of the whole are compared, so that the two need not be of one length or load. The \
            first selection, or the earlier time, is the baseline.
            """)

    @Argument(help: "An application or a selector; with a second one, the baseline.")
    var selector: String?

    @Argument(help: "What is compared with the first, over the same time.")
    var other: String?

    @Option(help: "The node's or server's address.")
    var node = "http://127.0.0.1:4041"

    @Option(help: "How far back: 90s, 15m, 12h, 7d.")
    var last = "15m"

    @Option(help: "Begin here instead of --last ago.")
    var from: String?

    @Option(help: "End here.")
    var until = "now"

    @Option(help: "The baseline is as long, this much earlier.")
    var ago: String?

    @Option(help: "The baseline begins here.")
    var baselineFrom: String?

    @Option(help: "The baseline ends here.")
    var baselineUntil: String?

    @Option(
        name: [.short, .long],
        help: "Write to FILE.json or FILE.html (a flame graph); else print a table.")
    var output: String?

    @Option(help: "Lines of the table.")
    var rows = 30

    func validate() throws {
        guard rows > 0 else { throw ValidationError("--rows \(rows): at least one") }
        if let output, !output.hasSuffix(".json"), !output.hasSuffix(".html") {
            throw ValidationError("-o \(output): the name must end in .json or .html")
        }
        let times = (ago == nil ? 0 : 1) + (baselineFrom == nil ? 0 : 1) + (other == nil ? 0 : 1)
        guard times == 1 else {
            throw ValidationError(
                "say what to compare with: --ago, --baseline-from or a second selection")
        }
        guard (baselineFrom == nil) == (baselineUntil == nil) else {
            throw ValidationError("--baseline-from and --baseline-until go together")
        }
        guard ago == nil || from == nil else {
            throw ValidationError("--ago goes with --last; with --from say --baseline-from")
        }
    }

    func run() async throws {
        do {
            try await compare(NodeClient(node))
        } catch {
            complain(error)
            throw ExitCode(1)
        }
    }

    private func compare(_ client: NodeClient) async throws {
        let (baseline, current) = (baseline, current)
        if let output {
            let file = try OutputFile(path: output)
            return try file.write(
                try await client.difference(
                    baseline, current, isPage: output.hasSuffix(".html")))
        }
        async let before = client.folded(baseline)
        async let after = client.folded(current)
        let table = DifferenceTable(try await before, try await after)
        guard table.hasBoth else {
            throw CommandError("one of the two has no samples; `hearth query` lists what has")
        }
        print(table.text(rows: rows))
    }

    private var baseline: Selection {
        let query = QueryText.cpu(selector)
        if let baselineFrom, let baselineUntil {
            return Selection(query: query, from: baselineFrom, until: baselineUntil)
        }
        guard let ago else { return Selection(query: query, from: start, until: until) }
        let end = until == "now" ? "now-\(ago)" : "\(until)\(ago)"
        return Selection(query: query, from: "\(start)\(ago)", until: end)
    }

    private var current: Selection {
        Selection(query: QueryText.cpu(other ?? selector), from: start, until: until)
    }

    private var start: String { from ?? "now-\(last)" }
}
