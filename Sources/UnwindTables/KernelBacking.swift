package import BPFRuntime
import LinuxSystem

/// An arena that BPF reads: segments are mmapable arrays in an array of maps, processes a hash map.
package final class KernelBacking: ArenaBacking {
    private let segments: BPFMap
    private let processes: BPFMap
    private var arrays: [Int: MappedArray] = [:]
    /// Changes not yet made: the kernel waits for a grace period of RCU after each, or after many.
    private var pending: [Int: MappedArray] = [:]
    /// Stands in the place of removed segments; the map knows no way to remove many.
    private var empty: MappedArray?

    /// The maps `segments` and `processes` of `bpf/lib/maps.bpf.h`; their object must outlive this.
    package init(segments: BPFMap, processes: BPFMap) {
        self.segments = segments
        self.processes = processes
    }

    package func makeSegment(_ index: Int) throws -> UnsafeMutableRawPointer {
        let array = try MappedArray(name: "segment", valueBytes: UnwindArena.segmentBytes)
        pending[index] = array
        arrays[index] = array
        return unsafe array.contents
    }

    package func removeSegment(_ index: Int) {
        arrays[index] = nil
        if empty == nil {
            empty = try? MappedArray(name: "segment", valueBytes: UnwindArena.segmentBytes)
        }
        // Without one the segment stays until its number is used again.
        if let empty { pending[index] = empty }
    }

    package func commit() throws {
        guard !pending.isEmpty else { return }
        try segments.set(pending.map { (UInt32($0.key), $0.value) })
        pending = [:]
    }

    package func setProcess(_ tgid: UInt32, to block: UInt32) throws {
        try processes.set(tgid, to: block)
    }

    package func removeProcess(_ tgid: UInt32) { try? processes.remove(tgid) }

    package func waitForReaders() { GracePeriod.pass() }
}
