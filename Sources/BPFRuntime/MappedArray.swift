import CLibbpf
import Glibc

/// An array map of one value that user space reads and writes like memory (BPF_F_MMAPABLE). The
/// kernel's copy lives as long as this or a map that holds it.
package final class MappedArray {
    let descriptor: Int32
    /// The value's first byte; `valueBytes` may be used while this object lives.
    package let contents: UnsafeMutableRawPointer
    private let mappedBytes: Int

    /// Makes the map and maps it. All of it is committed, and counted against the memory cgroup, at once.
    package init(name: String, valueBytes: Int) throws(BPFError) {
        var options = bpf_map_create_opts()
        options.sz = MemoryLayout<bpf_map_create_opts>.size
        options.map_flags = UInt32(BPF_F_MMAPABLE)
        let descriptor = unsafe bpf_map_create(
            BPF_MAP_TYPE_ARRAY, name, UInt32(MemoryLayout<UInt32>.size), UInt32(valueBytes), 1,
            &options)
        guard descriptor >= 0 else { throw BPFError("make the map \(name)", errno: -descriptor) }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        mappedBytes = (valueBytes + page - 1) / page * page
        let address = unsafe mmap(
            nil, mappedBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            let reason = errno
            close(descriptor)
            throw BPFError("map the map \(name)", errno: reason)
        }
        self.descriptor = descriptor
        unsafe contents = address
    }

    deinit {
        unsafe munmap(contents, mappedBytes)
        close(descriptor)
    }
}

extension BPFMap {
    /// Puts maps into an array of maps, all in one call: the kernel waits for a grace period of RCU, some
    /// 10 ms, after each (kernel/bpf/syscall.c, maybe_wait_bpf_programs).
    package func set(_ arrays: [(index: UInt32, array: MappedArray)]) throws(BPFError) {
        let keys = arrays.map(\.index)
        let values = arrays.map { UInt32(bitPattern: $0.array.descriptor) }
        var count = UInt32(arrays.count)
        let result = unsafe bpf_map_update_batch(descriptor, keys, values, &count, nil)
        guard result == 0 else {
            throw BPFError("put \(arrays.count) maps into the map \(name)", errno: -result)
        }
    }
}
