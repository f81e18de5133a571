package import LinuxSystem

/// The process records of every CPU. Confined to the thread that drains it.
package struct ProcessEventSource: ~Copyable {
    /// One CPU's ring; a class, because a dictionary cannot hold what is not copyable.
    private final class CPURing {
        var ring: PerfRing
        var enabledTime: UInt64 = 0

        init(_ ring: consuming PerfRing) { self.ring = ring }
    }

    /// Monotonic counts.
    package struct Counters: Hashable, Sendable {
        package var records: UInt64 = 0
        package var lost: UInt64 = 0
        /// Records that could not be decoded, and parts of rings that made no sense: always 0 unless
        /// the kernel's format changed.
        package var undecodable: UInt64 = 0
    }

    package private(set) var counters = Counters()
    private var rings: [UInt32: CPURing] = [:]
    private let dataPages: Int
    private let wakeupBytes: UInt32

    /// Opens and enables the records of these CPUs.
    ///
    /// `dataPages` per CPU: 64 pages hold about 1,700 records. `wakeupBytes`: a program that starts
    /// writes about 800, so with 256 the reader wakes while a short program still runs.
    package init(
        cpus: [UInt32], dataPages: Int = 64, wakeupBytes: UInt32 = 256
    ) throws(SystemCallError) {
        self.dataPages = dataPages
        self.wakeupBytes = wakeupBytes
        for cpu in cpus {
            if let ring = try Self.open(cpu, dataPages, wakeupBytes) { rings[cpu] = ring }
        }
    }

    /// One per CPU, readable when records wait. They change with `reopen`.
    package var pollDescriptors: [Int32] { rings.values.map { $0.ring.event.descriptor } }

    /// Hands over every record there is now, CPU after CPU: put them in order of time
    /// (`TimeOrderedQueue`). Lost records come as one event of the current time.
    package mutating func drain(_ body: (ProcessEvent) -> Void) throws(SystemCallError) {
        for (cpu, ring) in rings { try drain(ring, of: cpu, body) }
    }

    /// Follows hot-plug: closes rings of CPUs that went, opens those of new ones, and replaces rings
    /// that have stopped because their CPU was away for a while. What ran there meanwhile is unknown,
    /// and reported as `lost(0)`. True when descriptors changed.
    package mutating func reopen(
        cpus: [UInt32], _ body: (ProcessEvent) -> Void
    ) throws(SystemCallError) -> Bool {
        let online = Set(cpus)
        var changed = false
        for (cpu, ring) in rings {
            let enabledTime = try ring.ring.event.counts().enabledTime
            let isDead = !online.contains(cpu) || enabledTime == ring.enabledTime
            ring.enabledTime = enabledTime
            guard isDead else { continue }
            try drain(ring, of: cpu, body)
            rings[cpu] = nil
            changed = true
        }
        for cpu in cpus where rings[cpu] == nil {
            guard let ring = try Self.open(cpu, dataPages, wakeupBytes) else { continue }
            rings[cpu] = ring
            changed = true
            body(ProcessEvent(time: Clock.monotonic, cpu: cpu, tgid: 0, tid: 0, kind: .lost(0)))
        }
        return changed
    }

    /// Nil when the CPU went offline in between.
    private static func open(
        _ cpu: UInt32, _ dataPages: Int, _ wakeupBytes: UInt32
    ) throws(SystemCallError) -> CPURing? {
        do {
            let event = try PerfEvent(processRecordsOn: cpu, wakeupBytes: wakeupBytes)
            let ring = try PerfRing(event, dataPages: dataPages)
            try ring.event.enable()
            return CPURing(ring)
        } catch  where error.isNoDevice {
            return nil
        }
    }

    private mutating func drain(
        _ ring: CPURing, of cpu: UInt32, _ body: (ProcessEvent) -> Void
    ) throws(SystemCallError) {
        var undecodable: UInt64 = 0
        let drained = try ring.ring.drain { record in
            do {
                guard let event = try ProcessEvent.decode(record) else { return }
                if case .lost = event.kind { return }  // Counted by the ring.
                body(event)
            } catch {
                undecodable &+= 1
            }
        }
        if drained.unreadableBytes > 0 { undecodable &+= 1 }
        counters.records &+= drained.records
        counters.lost &+= drained.lost
        counters.undecodable &+= undecodable
        guard drained.lost > 0 || drained.unreadableBytes > 0 else { return }
        body(
            ProcessEvent(
                time: Clock.monotonic, cpu: cpu, tgid: 0, tid: 0, kind: .lost(drained.lost)))
    }
}
