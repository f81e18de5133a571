package import ProfileModel

/// What is known of a process when somebody asks which application it belongs to.
package struct ProcessFacts: Hashable, Sendable {
    /// The thread's or the process's name, as the caller wants it in the `comm` label.
    package var command: CommandName
    /// The file it runs, ` (deleted)` included; empty when unknown.
    package var executable: String
    /// In every hierarchy that has a path for it, v2 first.
    package var cgroupPaths: [String]
    package var isKernelThread: Bool

    package init(
        command: CommandName, executable: String = "", cgroupPaths: [String] = [],
        isKernelThread: Bool = false
    ) {
        self.command = command
        self.executable = executable
        self.cgroupPaths = cgroupPaths
        self.isKernelThread = isKernelThread
    }
}
