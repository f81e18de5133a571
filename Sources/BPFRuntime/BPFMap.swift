import CLibbpf
import Glibc

/// Typed access to a loaded map; borrowed from its object, so it must not outlive it.
package struct BPFMap: Sendable {
    let descriptor: Int32
    private let name: String
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
}
