import ArgumentParser
import FlameGraph
import Foundation
import Pprof
import ProfileModel
import ProfileQuery
import ProfileStore

/// `hearth store export`.
struct StoreExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Take a profile out of a store that no daemon has open.",
        discussion: """
            hearth store export -o all.pb.gz
            hearth store export nginx --from now-2d --until now-1d -o nginx.folded

            Where a daemon runs, `hearth query -o` gives the same.
            """)

    @OptionGroup var location: StoreLocation

    @Argument(help: "An application, or a selector like '{service_name=\"nginx\"}'.")
    var selector: String?

    @Option(help: "Begin here: Unix seconds, now-7d, YYYYMMDD (UTC). (default: the oldest)")
    var from: String?

    @Option(help: "End here.")
    var until = "now"

    @Option(name: [.short, .long], help: "Write to FILE.pb.gz (pprof), .folded, .svg or .json.")
    var output: String

    func validate() throws {
        guard RecordingFormat(path: output) != nil else {
            throw ValidationError(
                "-o \(output): the name must end in .pb.gz, .folded, .svg or .json")
        }
    }

    func run() async throws {
        do {
            try await export()
        } catch {
            complain(error)
            throw ExitCode(1)
        }
    }

    private func export() async throws {
        let query = try Selector(QueryText.cpu(selector))
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        // An inspection first: a store is not made where there is none.
        _ = try StoreInspection(directory: location.dataDir)
        let store = try await SQLiteProfileStore(directory: location.dataDir)
        let profile: MergedProfile
        do {
            let oldest = await store.status().oldest ?? now
            let from = from ?? "\(oldest.milliseconds / 1000)"
            let range = try TimeExpression.range(from: from, until: until, now: now)
            profile = try await QueryEngine(store: store).merge(query, range: range)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        guard profile.total > 0 else {
            throw CommandError("\(location.dataDir) has no samples of that in that time")
        }
        guard let format = RecordingFormat(path: output) else { return }
        try OutputFile(path: output).write(try Self.bytes(profile, format))
    }

    private static func bytes(
        _ profile: MergedProfile, _ format: RecordingFormat
    ) throws -> [UInt8] {
        switch format {
        case .pprof: try PprofEncoder.encode(profile)
        case .folded: Array(FoldedStacks.text(profile).utf8)
        case .svg: Array(FlameGraphSVG.text(profile, title: "Store").utf8)
        case .json: Array(FlamebearerDocument(profile).json.utf8)
        }
    }
}
