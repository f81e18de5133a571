import CLibbpf
import Glibc

/// A compiled BPF object: opened, configured, then loaded; closed with its maps and programs when
/// the owner goes. Links and ring buffers made from it must not outlive it.
package struct BPFObject: ~Copyable {
    private let object: OpaquePointer
    private let name: String

    /// Parses an ELF object from memory (`bpf_object__open_mem`).
    package init(image: [UInt8], name: String) throws(BPFError) {
        let (object, log) = LibraryLog.capture {
            unsafe image.withUnsafeBytes { bytes in
                unsafe bpf_object__open_mem(bytes.baseAddress, bytes.count, nil)
            }
        }
        guard let object = unsafe object else {
            throw BPFError("open the BPF object \(name)", errno: errno, log: log)
        }
        unsafe self.object = object
        self.name = name
    }

    deinit { unsafe bpf_object__close(object) }

    /// Writes the program's constants (`.rodata`) before load. `T` must be the C struct that is
    /// the section's only variable.
    package func setConstants<T: BitwiseCopyable>(_ constants: T) throws(BPFError) {
        var size = 0
        guard let map = map(endingWith: ".rodata"),
            let start = unsafe bpf_map__initial_value(map, &size), size == MemoryLayout<T>.size
        else {
            throw BPFError(
                "find \(MemoryLayout<T>.size) bytes of constants in \(name)", errno: ENOENT)
        }
        unsafe UnsafeMutableRawPointer(mutating: start).storeBytes(of: constants, as: T.self)
    }

    /// Sizes a map before load.
    package func setMaximumEntries(_ count: UInt32, map name: String) throws(BPFError) {
        let result = unsafe bpf_map__set_max_entries(try find(map: name), count)
        guard result == 0 else { throw BPFError("size the map \(name)", errno: -result) }
    }

    /// Creates the maps, relocates against the running kernel and passes the verifier.
    package func load() throws(BPFError) {
        let (result, log) = LibraryLog.capture { unsafe bpf_object__load(object) }
        guard result == 0 else {
            throw BPFError("load the BPF object \(name)", errno: -result, log: log)
        }
    }

    /// Runs `program` at every overflow of a perf event and enables the event, until the link goes.
    ///
    /// - Parameter event: the event's descriptor, borrowed.
    package func attach(program: String, toEvent event: Int32) throws(BPFError) -> BPFLink {
        let handle = try find(program: program)
        // libbpf closes the descriptor it is given together with the link.
        let descriptor = dup(event)
        let (link, log) = LibraryLog.capture {
            unsafe bpf_program__attach_perf_event(handle, descriptor)
        }
        guard let link = unsafe link else {
            let reason = errno
            close(descriptor)
            throw BPFError("attach \(program) to a perf event", errno: reason, log: log)
        }
        return unsafe BPFLink(owning: link)
    }

    /// How often a program ran and for how long, in all.
    package func statistics(of program: String) throws(BPFError) -> BPFStatistics {
        var info = bpf_prog_info()
        var size = UInt32(MemoryLayout<bpf_prog_info>.size)
        let descriptor = unsafe bpf_program__fd(try find(program: program))
        let result = unsafe bpf_obj_get_info_by_fd(descriptor, &info, &size)
        guard result == 0 else { throw BPFError("read statistics of \(program)", errno: -result) }
        return BPFStatistics(
            runs: info.run_cnt, nanoseconds: info.run_time_ns,
            recursionMisses: info.recursion_misses)
    }

    /// A loaded map, borrowed: valid while this object lives.
    package func map(_ name: String) throws(BPFError) -> BPFMap {
        let map = try find(map: name)
        return unsafe BPFMap(
            descriptor: bpf_map__fd(map), name: name, valueSize: Int(bpf_map__value_size(map)))
    }

    private func find(map name: String) throws(BPFError) -> OpaquePointer {
        guard let map = unsafe bpf_object__find_map_by_name(object, name) else {
            throw BPFError("find the map \(name) in \(self.name)", errno: ENOENT)
        }
        return unsafe map
    }

    private func find(program name: String) throws(BPFError) -> OpaquePointer {
        guard let program = unsafe bpf_object__find_program_by_name(object, name) else {
            throw BPFError("find the program \(name) in \(self.name)", errno: ENOENT)
        }
        return unsafe program
    }

    private func map(endingWith suffix: String) -> OpaquePointer? {
        var map = unsafe bpf_object__next_map(object, nil)
        while let current = unsafe map {
            if let name = unsafe bpf_map__name(current),
                unsafe String(cString: name).hasSuffix(suffix)
            {
                return unsafe current
            }
            unsafe map = bpf_object__next_map(object, current)
        }
        return nil
    }
}

/// What the kernel counted of a program.
package struct BPFStatistics: Sendable {
    /// Counted only while `kernel.bpf_stats_enabled` is 1, like `nanoseconds`.
    package let runs: UInt64
    package let nanoseconds: UInt64
    package let recursionMisses: UInt64
}
