import ArgumentParser

/// `hearth store`.
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Look into a store's files: how large, whether whole, what is in them.",
        discussion: """
            hearth store stats                     files, windows, bytes per sample
            hearth store verify                    reads and checks everything
            hearth store export -o out.pb.gz       profiles, without a daemon

            Each opens the files read-only, also while the daemon runs.
            """,
        subcommands: [
            StoreStatisticsCommand.self, StoreVerifyCommand.self, StoreExportCommand.self,
        ])
}

/// Which store.
struct StoreLocation: ParsableArguments {
    @Option(help: "The agent's data directory.")
    var dataDir = "/var/lib/hearth"
}
