import HearthAgent
import LinuxSystem
import ProcessTracking
import ProfileModel

/// Whose samples a recording wants.
enum RecordingScope: Sendable {
    case all
    /// This process, and what it starts from now on.
    case process(UInt32)
    /// A command that is started for it, and all it starts.
    case command([String])
}

/// One series per thread name, of the processes that are wanted.
struct CommandLabelling: SeriesLabelling, Sendable {
    /// The label that holds the thread's name.
    static let label = "comm"

    /// Nil: every process.
    private var wanted: Set<UInt32>?
    /// Children of this process are wanted, too, but not the process itself.
    private let starter: UInt32?
    private var known: [CommandName: LabelSet] = [:]

    /// `starter`: the process that will start the command, this one.
    init(_ scope: RecordingScope, starter: UInt32) {
        switch scope {
        case .all:
            wanted = nil
            self.starter = nil
        case .process(let tgid):
            wanted = [tgid]
            self.starter = nil
        case .command:
            wanted = []
            self.starter = starter
        }
    }

    mutating func observe(_ event: ProcessEvent) {
        guard case .forked(let parent) = event.kind, event.tgid != parent, let wanted else {
            return
        }
        if wanted.contains(parent) || parent == starter { self.wanted?.insert(event.tgid) }
    }

    func mayWant(_ sample: Sample) -> Bool { wanted?.contains(sample.tgid) ?? true }

    mutating func labels(
        of sample: Sample, process: TrackedProcess, cgroups: inout CGroupFilesystem
    ) -> LabelSet? {
        if let wanted, !wanted.contains(sample.tgid) { return nil }
        if let labels = known[sample.command] { return labels }
        let labels = LabelSet([Label(Self.label, sample.command.text)])
        known[sample.command] = labels
        return labels
    }

    mutating func forget() { known = [:] }
}
