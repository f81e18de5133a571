import ArgumentParser
import ProfileStore

/// `hearth store verify`.
struct StoreVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read and check all of a store.",
        discussion: """
            SQLite's own check of each file; every window, dictionary and total decoded; totals and \
            roll-ups held to the windows they sum. Exits 1 when anything is damaged. Changes nothing.
            """)

    @OptionGroup var location: StoreLocation

    func run() throws {
        var damaged = 0
        do {
            try StoreInspection(directory: location.dataDir).verify { finding in
                print(finding)
                if finding.isDamage { damaged += 1 }
            }
        } catch {
            complain(error)
            throw ExitCode(1)
        }
        guard damaged == 0 else {
            print("\(damaged) findings: what they name is not served, or not whole")
            throw ExitCode(1)
        }
        print("all of \(location.dataDir) is whole")
    }
}
