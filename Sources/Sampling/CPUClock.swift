import BPFRuntime
import LinuxSystem

/// The clock that samples one CPU, and how far it has come.
final class CPUClock {
    private let event: PerfEvent
    private let link: BPFLink
    private var enabledTime: UInt64 = 0
    private let idleAtStart: UInt64
    /// The last known: `/proc/stat` does not list a CPU that is offline.
    private var idle: UInt64

    init(event: consuming PerfEvent, link: consuming BPFLink, idle: UInt64) {
        self.event = event
        self.link = link
        idleAtStart = idle
        self.idle = idle
    }

    /// Remembers how long this CPU was idle since boot; nil: not known now.
    func noteIdle(_ idle: UInt64?) { if let idle { self.idle = idle } }

    /// Whether it has moved since the last call. A clock whose CPU went offline stands still, and
    /// goes on standing after the CPU is back.
    func hasMoved() throws(SystemCallError) -> Bool {
        let now = try event.counts().enabledTime
        defer { enabledTime = now }
        return now != enabledTime
    }

    /// Nanoseconds since the start in which this CPU was not idle, as far as known.
    func busyTime(idle now: UInt64?) throws(SystemCallError) -> UInt64 {
        let enabled = try event.counts().enabledTime
        let known = now ?? idle
        let idle = known >= idleAtStart ? known - idleAtStart : 0
        return enabled > idle ? enabled - idle : 0
    }
}
