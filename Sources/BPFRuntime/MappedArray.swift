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
    /// Puts a map into an array of maps.
    package func set(_ index: UInt32, to array: MappedArray) throws(BPFError) {
        try set(index, to: UInt32(bitPattern: array.descriptor))
    }
}
