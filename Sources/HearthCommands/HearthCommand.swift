package import ArgumentParser
import HearthAgent

/// `hearth`: what a person types.
package struct HearthCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "hearth",
        abstract: "A continuous profiler for whole Linux machines.",
        discussion: """
            On a node   hearth agent                    samples, and serves its page
            Once        hearth record -d 10 -o out.svg  a flame graph of ten seconds
            Watch       hearth top                      applications and functions, live
            Ask a node  hearth query --last 15m         where the CPU time went
            Compare     hearth diff nginx --ago 1d      what changed since yesterday
            In doubt    hearth doctor                   can this machine be profiled?
            """,
        version: Version.text,
        subcommands: [
            AgentCommand.self, RecordCommand.self, TopCommand.self, QueryCommand.self,
            DiffCommand.self, StoreCommand.self, NamesCommand.self, DoctorCommand.self,
            VersionCommand.self,
        ])

    package init() {}
}

/// `hearth version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version.")

    func run() { print("hearth \(Version.text)") }
}
