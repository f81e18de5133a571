package import BPFRuntime
import LinuxSystem

/// An arena that BPF reads: segments are mmapable arrays in an array of maps, processes a hash map.
package final class KernelBacking: ArenaBacking {
    private let segments: BPFMap
    private let processes: BPFMap
    private var arrays: [Int: MappedArray] = [:]

    /// The maps `segments` and `processes` of `bpf/lib/maps.bpf.h`; their object must outlive this.
    package init(segments: BPFMap, processes: BPFMap) {
        self.segments = segments
        self.processes = processes
    }

    package func makeSegment(_ index: Int) throws -> UnsafeMutableRawPointer {
        let array = try MappedArray(name: "segment", valueBytes: UnwindArena.segmentBytes)
        try segments.set(UInt32(index), to: array)
        arrays[index] = array
        return unsafe array.contents
    }

    package func removeSegment(_ index: Int) {
        try? segments.remove(UInt32(index))
        arrays[index] = nil
    }

    package func setProcess(_ tgid: UInt32, to block: UInt32) throws {
        try processes.set(tgid, to: block)
    }

    package func removeProcess(_ tgid: UInt32) { try? processes.remove(tgid) }

    package func waitForReaders() { GracePeriod.pass() }
}
