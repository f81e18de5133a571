package import ProfileModel

/// A process as known at one moment. A value: what happens later does not change it.
package struct TrackedProcess: Sendable {
    package let tgid: UInt32
    /// 0 when unknown.
    package internal(set) var parent: UInt32
    /// The leader's name.
    package internal(set) var command: CommandName
    /// The file the process runs, in its own mount namespace; empty when unknown or a kernel thread.
    package internal(set) var executable: String
    package internal(set) var isKernelThread: Bool
    package internal(set) var mappings: MappingTable { didSet { mappingRevision &+= 1 } }
    /// Another number after every change of `mappings`.
    package private(set) var mappingRevision: UInt32 = 0
    /// False while nobody has told us what the process maps: an address may then be in an image
    /// although no mapping has it.
    package internal(set) var areMappingsKnown: Bool
    /// When it ended (CLOCK_MONOTONIC, nanoseconds); nil while it runs.
    package internal(set) var exitTime: UInt64?

    var start: StartRange
    var generation: UInt32
    /// Of two processes with one number, tells which is meant.
    let serial: UInt64
    /// Records older than this are contained in what we know (CLOCK_MONOTONIC).
    var scanTime: UInt64 = 0
    var lastSampleTime: UInt64 = 0
    /// Whether we saw it begin, so that another FORK record means another process.
    var sawFork = false
    /// Whether the next file mapped is the program.
    var awaitsExecutable = false

    init(tgid: UInt32, start: StartRange, serial: UInt64) {
        self.tgid = tgid
        self.start = start
        self.serial = serial
        parent = 0
        command = CommandName("")
        executable = ""
        isKernelThread = false
        mappings = MappingTable()
        areMappingsKnown = false
        generation = 0
    }

    /// What this process looks like right after a fork: the same program, the same mappings.
    func forked(tgid: UInt32, start: StartRange, serial: UInt64) -> TrackedProcess {
        var child = TrackedProcess(tgid: tgid, start: start, serial: serial)
        child.parent = self.tgid
        child.command = command
        child.executable = executable
        child.isKernelThread = isKernelThread
        child.mappings = mappings
        child.areMappingsKnown = areMappingsKnown
        child.sawFork = true
        return child
    }

    package var id: ProcessID {
        ProcessID(tgid: tgid, start: start.latest, generation: generation)
    }

    /// Where an address lies; nil when no mapping has it.
    ///
    /// A return address belongs to the instruction before it: look up one less.
    package func resolve(_ address: ProcessAddress) -> ResolvedAddress? {
        guard let mapping = mappings.mapping(containing: address) else { return nil }
        return ResolvedAddress(
            image: mapping.image, fileOffset: mapping.fileOffset(of: address), mapping: mapping)
    }
}

/// A process address as a place in an image.
package struct ResolvedAddress: Hashable, Sendable {
    /// See `ProcessTracker.images`.
    package let image: ImageTable.ImageID
    /// In anonymous memory, which has no file: the process address itself.
    package let fileOffset: FileOffset
    package let mapping: Mapping
}
