import ArgumentParser
import FlameGraph
import Foundation
import ProfileModel

/// `hearth top`.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch applications and functions of a node, live.",
        discussion: """
            hearth top                 all applications, and the functions of all
            hearth top nginx           one application's functions
            hearth top --node 10.0.0.7:4041 --last 5m

            Up and down choose an application, space shows all again, q ends. What is shown is what \
            the node stored: up to ten seconds late. Not on a terminal, it prints once and ends.
            """)

    @Argument(help: "An application to begin with.")
    var application: String?

    @Option(help: "The node's or server's address.")
    var node = "http://127.0.0.1:4041"

    @Option(help: "How far back: 30s, 5m, 1h.")
    var last = "1m"

    @Option(help: "Seconds between two looks.")
    var interval = 5.0

    func validate() throws {
        guard interval >= 0.5 else {
            throw ValidationError("--interval \(interval): half a second at least")
        }
    }

    func run() async throws {
        do {
            let client = try NodeClient(node)
            guard isatty(STDOUT_FILENO) == 1, isatty(STDIN_FILENO) == 1 else {
                let view = try await look(client, TopView(chosen: application))
                return print(view.text(rows: 60, columns: 200))
            }
            try await watch(client)
        } catch {
            complain(error)
            throw ExitCode(1)
        }
    }

    private func watch(_ client: NodeClient) async throws {
        let terminal = try RawTerminal()
        defer { terminal.restore() }
        var view = TopView(chosen: application)
        while true {
            do {
                view = try await look(client, view)
            } catch let error as CommandError {
                // The node may be back in a moment; what was seen stays.
                view.problem = error.description
            }
            let next = Date().addingTimeInterval(interval)
            repeat {
                let size = terminal.size
                terminal.show(view.text(rows: size.rows, columns: size.columns))
                switch terminal.key(waiting: next.timeIntervalSinceNow) {
                case .up: view.move(by: -1)
                case .down: view.move(by: 1)
                case .all: view.chosen = nil
                case .quit: return
                case .other: continue
                case nil: break
                }
                break
            } while true
        }
    }

    private func look(_ client: NodeClient, _ view: TopView) async throws -> TopView {
        var view = view
        let range = ["from": "now-\(last)", "until": "now"]
        view.applications = try await client.applications(range: range)
        view.functions = try await client.folded(
            Selection(query: QueryText.cpu(view.chosen), from: "now-\(last)", until: "now"))
        view.title = "\(node)  last \(last)"
        view.problem = nil
        return view
    }
}
