import CLibbpf
import Glibc

/// Typed access to a loaded map; borrowed from its object, so it must not outlive it.
package struct BPFMap: Sendable {
    let descriptor: Int32
    let name: String
    private let valueSize: Int

    init(descriptor: Int32, name: String, valueSize: Int) {
        self.descriptor = descriptor
        self.name = name
        self.valueSize = valueSize
    }

    /// The sum over all CPUs of a per-CPU array of 64-bit counters, slot by slot.
    package func perCPUSums(count: Int) throws(BPFError) -> [UInt64] {
        let possible = Int(libbpf_num_possible_cpus())
        guard possible > 0, valueSize == 8 else { throw BPFError("count the CPUs", errno: EINVAL) }
        var values = [UInt64](repeating: 0, count: possible)
        var sums: [UInt64] = []
        for slot in 0..<UInt32(count) {
            let result = unsafe withUnsafePointer(to: slot) { key in
                unsafe bpf_map_lookup_elem(descriptor, key, &values)
            }
            guard result == 0 else { throw BPFError("read the map \(name)", errno: -result) }
            sums.append(values.reduce(0, &+))
        }
        return sums
    }

    /// Sets the 32-bit value of a key.
    package func set(_ key: UInt32, to value: UInt32) throws(BPFError) {
        let result = unsafe withUnsafePointer(to: key) { key in
            unsafe withUnsafePointer(to: value) { value in
                unsafe bpf_map_update_elem(descriptor, key, value, UInt64(BPF_ANY))
            }
        }
        guard result == 0 else { throw BPFError("write the map \(name)", errno: -result) }
    }

    /// Takes a key out; one that is not there is fine.
    package func remove(_ key: UInt32) throws(BPFError) {
        let result = unsafe withUnsafePointer(to: key) { key in
            unsafe bpf_map_delete_elem(descriptor, key)
        }
        guard result == 0 || result == -ENOENT else {
            throw BPFError("write the map \(name)", errno: -result)
        }
    }
}
