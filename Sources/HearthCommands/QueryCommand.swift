import ArgumentParser
import FlameGraph
import Foundation
import ProfileModel

/// `hearth query`.
struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Ask a node where the CPU time went.",
        discussion: """
            hearth query                      applications of the last 15 minutes
            hearth query nginx --last 1h      functions of one application
            hearth query '{comm=~"web.*"}'    … of what a selector picks
            hearth query nginx -o out.svg     … as a flame graph
            hearth query --node 10.0.0.7:4041 --from now-2h --until now-1h

            Times are Unix seconds, now, now-15m or YYYYMMDD (UTC).
            """)

    @Argument(help: "An application, or a selector like '{service_name=\"nginx\"}'.")
    var selector: String?

    @Option(help: "The node's address.")
    var node = "http://127.0.0.1:4041"

    @Option(help: "How far back: 90s, 15m, 12h, 7d.")
    var last = "15m"

    @Option(help: "Begin here instead of --last ago.")
    var from: String?

    @Option(help: "End here.")
    var until = "now"

    @Option(
        name: [.short, .long],
        help: "Write to FILE.pb.gz (pprof), .folded, .svg or .json; else print a table.")
    var output: String?

    @Option(help: "Lines of the table.")
    var rows = 30

    func validate() throws {
        guard rows > 0 else { throw ValidationError("--rows \(rows): at least one") }
        if let output, RecordingFormat(path: output) == nil {
            throw ValidationError(
                "-o \(output): the name must end in .pb.gz, .folded, .svg or .json")
        }
    }

    func run() async throws {
        do {
            try await query(NodeClient(node))
        } catch {
            complain(error)
            throw ExitCode(1)
        }
    }

    private func query(_ client: NodeClient) async throws {
        let range = ["from": from ?? "now-\(last)", "until": until]
        if let output, let format = RecordingFormat(path: output) {
            let file = try OutputFile(path: output)
            try file.write(try await client.profile(query, range: range, as: format))
        } else if selector == nil {
            print(try await client.applications(range: range).table(rows: rows))
        } else {
            let folded = try await client.profile(query, range: range, as: .folded)
            let profile = FoldedProfile(String(decoding: folded, as: UTF8.self)).merged
            guard profile.total > 0 else {
                throw CommandError("\(query) has no samples there; `hearth query` lists what has")
            }
            print(TopTable(profile).text(rows: rows))
        }
    }

    private var query: String { QueryText.cpu(selector) }
}
