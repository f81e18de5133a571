/// Processes by number: the one that has it now, those that had it before, and who goes when.
struct ProcessTable: Sendable {
    private(set) var current: [UInt32: TrackedProcess] = [:]
    /// Processes whose number was given to another, newest last.
    private var superseded: [UInt32: [TrackedProcess]] = [:]
    private var supersededCount = 0
    /// Ended processes, in the order of their ends, before `firstExit` already handled.
    private var exits: [Exit] = []
    private var firstExit = 0
    private var nextSerial: UInt64 = 0

    private struct Exit {
        let tgid: UInt32
        let serial: UInt64
        let time: UInt64
    }

    var count: Int { current.count + supersededCount }
    var exitCount: Int { exits.count - firstExit }

    /// The process that has the number now.
    subscript(tgid: UInt32) -> TrackedProcess? { current[tgid] }

    /// Every process, also ended ones.
    var all: [TrackedProcess] { Array(current.values) + superseded.values.joined() }

    mutating func makeSerial() -> UInt64 {
        nextSerial &+= 1
        return nextSerial
    }

    /// Changes the process in place, without a copy of its mappings; nil when there is none.
    @discardableResult
    mutating func update<Result>(
        _ tgid: UInt32, _ change: (inout TrackedProcess) -> Result
    ) -> Result? {
        guard let index = current.index(forKey: tgid) else { return nil }
        return change(&current.values[index])
    }

    /// Adds a process. Whoever had the number has ended by then, whether or not we saw it.
    mutating func insert(_ process: TrackedProcess, at now: UInt64) {
        if var old = current[process.tgid] {
            if old.exitTime == nil {
                old.exitTime = now
                exits.append(Exit(tgid: old.tgid, serial: old.serial, time: now))
            }
            superseded[process.tgid, default: []].append(old)
            supersededCount += 1
        }
        current[process.tgid] = process
    }

    /// The earlier process of this number that began then.
    func superseded(_ tgid: UInt32, startedAt start: UInt64) -> TrackedProcess? {
        superseded[tgid]?.last { $0.start.contains(start) }
    }

    /// Notes that a process ended; it stays until `removeExited`.
    mutating func markExited(_ tgid: UInt32, at time: UInt64) {
        guard let index = current.index(forKey: tgid), current.values[index].exitTime == nil else {
            return
        }
        current.values[index].exitTime = time
        exits.append(Exit(tgid: tgid, serial: current.values[index].serial, time: time))
    }

    /// Takes out processes that ended, and were last sampled, at or before `time`; and, oldest first
    /// and whatever their time, so many that at most `limit` ended ones stay.
    mutating func removeExited(before time: UInt64, limit: Int) -> [TrackedProcess] {
        var removed: [TrackedProcess] = []
        while firstExit < exits.count {
            let exit = exits[firstExit]
            let isOverLimit = exitCount > limit
            guard isOverLimit || exit.time <= time else { break }
            firstExit += 1
            guard let process = find(exit) else { continue }
            // Threads may outlive the leader: as long as they are sampled, the process is needed.
            if !isOverLimit, process.lastSampleTime > time {
                exits.append(
                    Exit(tgid: exit.tgid, serial: exit.serial, time: process.lastSampleTime))
                continue
            }
            remove(exit)
            removed.append(process)
        }
        if firstExit > 1024, firstExit > exits.count / 2 {
            exits.removeFirst(firstExit)
            firstExit = 0
        }
        return removed
    }

    /// The process an entry speaks of; nil when it has not ended after all.
    private func find(_ exit: Exit) -> TrackedProcess? {
        if let process = current[exit.tgid], process.serial == exit.serial {
            return process.exitTime == nil ? nil : process
        }
        return superseded[exit.tgid]?.first { $0.serial == exit.serial }
    }

    private mutating func remove(_ exit: Exit) {
        if current[exit.tgid]?.serial == exit.serial {
            current[exit.tgid] = nil
            return
        }
        superseded[exit.tgid]?.removeAll { $0.serial == exit.serial }
        if superseded[exit.tgid]?.isEmpty == true { superseded[exit.tgid] = nil }
        supersededCount -= 1
    }
}
