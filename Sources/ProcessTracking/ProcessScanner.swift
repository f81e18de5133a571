package import LinuxSystem
import ProfileModel

/// Reads processes from /proc. About 0.1 ms each.
package enum ProcessScanner {
    /// One process; nil when it is gone, or became another one while it was read.
    package static func scan(_ tgid: UInt32) -> ScannedProcess? {
        let time = Clock.monotonic
        let files = ProcessFiles(tgid: tgid)
        guard let before = try? files.status() else { return nil }
        var mappings: [ReportedMapping]?
        if !before.isKernelThread, let file = try? files.memoryMaps(executableOnly: true),
            !file.entries.isEmpty
        {
            mappings = file.entries.compactMap { ReportedMapping($0) }
        }
        let executable = before.isKernelThread ? nil : try? files.executable()
        // Kernel workers show more in `stat` than their name.
        let command = (try? files.command()) ?? CommandName(before.command)
        guard let after = try? files.status(), after.startTicks == before.startTicks else {
            return nil
        }
        return ScannedProcess(
            time: time, tgid: tgid, parent: after.parent, command: command,
            executable: executable ?? "", isKernelThread: after.isKernelThread,
            startTicks: after.startTicks, mappings: mappings)
    }

    /// Every process there is; hand the result to `ProcessTracker.apply(_:)` whole.
    package static func scanAll() throws(SystemCallError) -> FullScan {
        let time = Clock.monotonic
        let numbers = try ProcessFiles.all()
        return FullScan(
            time: time, listed: Set(numbers), processes: numbers.compactMap { scan($0) })
    }
}

/// What /proc said of all processes.
package struct FullScan: Sendable {
    /// When the list was made (CLOCK_MONOTONIC): a process that began earlier and is not listed is gone.
    package let time: UInt64
    package let listed: Set<UInt32>
    package let processes: [ScannedProcess]

    package init(time: UInt64, listed: Set<UInt32>, processes: [ScannedProcess]) {
        self.time = time
        self.listed = listed
        self.processes = processes
    }
}
