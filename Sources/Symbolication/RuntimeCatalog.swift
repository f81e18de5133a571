import LinuxSystem
import ProfileModel

/// Names that runtimes gave their code, by process; of the processes asked for lately.
struct RuntimeCatalog {
    private struct Known {
        var names: RuntimeNames
        /// Tells the process from a later one with its number.
        let startTicks: UInt64
        var checked: UInt64
        var lastUsed: UInt64
    }

    private var known: [UInt32: Known] = [:]

    private let byteBudget: Int

    private static let limit = 24
    /// Whether it is still the same process, and has begun a jitdump, is looked at so often.
    private static let recheckAfter: UInt64 = 2_000_000_000

    /// - Parameter byteBudget: what the names of all processes may take, but for the one asked for:
    ///   whoever may run a program may write a perf map.
    init(byteBudget: Int) { self.byteBudget = byteBudget }

    /// The line of code that no file holds; nil when nobody told.
    ///
    /// - Parameter address: of the instruction, not one behind it.
    mutating func line(at address: ProcessAddress, process: UInt32) -> Line? {
        let now = Clock.monotonic
        check(process, at: now)
        guard let place = known.index(forKey: process) else { return nil }
        known.values[place].lastUsed = now
        let looks = known.values[place].names.looks
        let line = known.values[place].names.line(at: address, now: now)
        if known.values[place].names.looks != looks { makeRoom(keeping: process) }
        return line
    }

    /// Why there are no names; nil when there are, or nobody asked.
    func problem(of process: UInt32) -> RuntimeNamesProblem? { known[process]?.names.mapProblem }

    func isKnown(_ process: UInt32) -> Bool { known[process] != nil }

    private mutating func check(_ process: UInt32, at now: UInt64) {
        if let old = known[process], now - old.checked < Self.recheckAfter { return }
        let files = ProcessFiles(tgid: process)
        // What is known of a process that has ended stays: its last samples may come yet.
        guard let status = try? files.status() else { return }
        if known[process]?.startTicks != status.startTicks {
            if known.count >= Self.limit { forgetOldest() }
            known[process] = Known(
                names: RuntimeNames(process: files), startTicks: status.startTicks, checked: now,
                lastUsed: now)
        }
        known[process]?.checked = now
        let mappings = (try? files.memoryMaps(executableOnly: true))?.entries ?? []
        if let dump = mappings.last(where: { RuntimeNames.isDump($0.path) }) {
            known[process]?.names.follow(dump: dump.path)
        }
    }

    private mutating func makeRoom(keeping process: UInt32) {
        var byteCount = known.values.reduce(0) { $0 + $1.names.byteCount }
        while byteCount > byteBudget, let oldest = oldest(but: process) {
            byteCount -= known.removeValue(forKey: oldest)?.names.byteCount ?? 0
        }
    }

    private mutating func forgetOldest() {
        if let oldest = oldest(but: 0) { known[oldest] = nil }
    }

    private func oldest(but kept: UInt32) -> UInt32? {
        known.filter { $0.key != kept }.min { $0.value.lastUsed < $1.value.lastUsed }?.key
    }
}
