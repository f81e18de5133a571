import ArgumentParser
import FlameGraph
import Foundation
import HearthAgent
import ProfileModel
import Sampling

/// `hearth record`.
struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Profile for some seconds, once, without a daemon.",
        discussion: """
            hearth record -d 10                  the whole machine, as a table
            hearth record -d 10 -o out.svg       … as a flame graph
            hearth record -p 1234 -o out.pb.gz   one process, for `go tool pprof`
            hearth record -o out.folded -- make  a command and all that it starts

            A command ends the recording with its own end; with -d it is ended (SIGTERM) when the \
            time is over. Ctrl-C ends either early and keeps what was sampled.

            Folded lines are `comm;root;…;leaf count`; counts are samples and kernel frames end in \
            _[k]. Start-up and naming do not count towards the seconds. Needs root, or CAP_BPF, \
            CAP_PERFMON, CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH and CAP_SYSLOG.
            """)

    @Option(name: [.short, .long], help: "Seconds to sample. (default: 10, or until CMD ends)")
    var duration: Double?

    @Option(name: [.customShort("p"), .long], help: "Only this process, by its PID.")
    var pid: UInt32?

    @Flag(name: [.customShort("a"), .long], help: "Every process: the default without -p and CMD.")
    var all = false

    @Option(
        name: [.short, .long],
        help: "Write to FILE.pb.gz (pprof), .folded, .svg or .json; else print a table.")
    var output: String?

    @Option(name: [.customShort("F"), .long], help: "Samples per second and CPU, 1 to 1000.")
    var frequency = SamplingConfiguration.defaultFrequency

    @Argument(parsing: .postTerminator, help: "A command to run and profile.")
    var command: [String] = []

    func validate() throws {
        guard SamplingConfiguration.frequencies.contains(frequency) else {
            throw ValidationError("-F \(frequency): 1 to 1000 Hz can be sampled")
        }
        if let duration, !(duration > 0 && duration <= 86_400) {
            throw ValidationError("-d \(duration): more than 0 seconds, and at most a day")
        }
        let scopes = [pid != nil, all, !command.isEmpty].filter { $0 }.count
        guard scopes <= 1 else { throw ValidationError("-p, -a and a command exclude each other") }
        if let output, RecordingFormat(path: output) == nil {
            throw ValidationError(
                "-o \(output): the name must end in .pb.gz, .folded, .svg or .json")
        }
    }

    func run() async throws {
        do {
            try await record()
        } catch let code as ExitCode {
            throw code
        } catch {
            complain(error)
            throw ExitCode(1)
        }
    }

    private func record() async throws {
        guard let sampling = SamplingConfiguration(frequency: frequency) else { return }
        try PrivilegeError.check()
        // Opened first: a name that cannot be written must not cost anybody ten seconds.
        let file: OutputFile? = if let output { try OutputFile(path: output) } else { nil }
        let scope: RecordingScope =
            if let pid { .process(pid) } else if !command.isEmpty { .command(command) } else {
                .all
            }
        let recording = try await Recorder(sampling: sampling, scope: scope).record(
            seconds: duration ?? (command.isEmpty ? 10 : nil), progress: Progress())
        FileHandle.standardError.write(Data((recording.summary + "\n").utf8))
        if let output, let format = RecordingFormat(path: output) {
            try file?.write(try recording.encoded(as: format))
        } else {
            print(recording.table(rows: 30))
        }
        if let code = recording.commandStatus, code != 0 { throw ExitCode(code) }
    }
}
