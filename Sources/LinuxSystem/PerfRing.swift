private import CLinuxShims
import Glibc

/// A perf event and the ring its records arrive in. Confined to the thread that drains it.
///
///     page 0: control page │ data pages, 2^n of them: │ record │ record │ … wraps around
///
/// Record: u32 type, u16 misc, u16 size (header included), then `size - 8` bytes, as
/// `perf_event_open(2)` describes under "MMAP layout".
package struct PerfRing: ~Copyable {
    package let event: PerfEvent
    private let control: UnsafeMutableRawPointer
    private let mappedBytes: Int
    private let data: UnsafeMutableRawPointer
    private let dataBytes: UInt64
    private var scratch: [UInt8] = []
    private var lostBefore: UInt64 = 0

    private static let headerBytes: UInt64 = 8
    /// More than any record: its size has sixteen bits.
    private static let largestRecord: UInt64 = 1 << 16

    /// What one drain did.
    package struct Drained: Hashable, Sendable {
        package var records: UInt64 = 0
        /// Records the kernel dropped since the last drain because the ring was full.
        package var lost: UInt64 = 0
        /// Bytes given up because a record's size made no sense; 0 unless the ring was damaged.
        package var unreadableBytes: UInt64 = 0
    }

    /// Maps the event's ring. `dataPages` is rounded up to a power of two, 4 KiB to 64 MiB in all.
    ///
    /// Locked memory counts against `perf_event_mlock_kb` and RLIMIT_MEMLOCK unless the process
    /// has CAP_IPC_LOCK; EPERM says that neither was enough.
    package init(_ event: consuming PerfEvent, dataPages: Int) throws(SystemCallError) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        var pages = 1
        while pages < min(dataPages, 1 << 14) { pages *= 2 }
        let length = (pages + 1) * page
        let address = unsafe mmap(
            nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, event.descriptor, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            throw .last("mmap", "perf ring of CPU \(event.cpu)")
        }
        unsafe control = address
        mappedBytes = length
        unsafe data = address + page
        dataBytes = UInt64(pages * page)
        self.event = event
    }

    deinit { unsafe munmap(control, mappedBytes) }

    private var controlPage: UnsafeMutablePointer<perf_event_mmap_page> {
        unsafe control.assumingMemoryBound(to: perf_event_mmap_page.self)
    }

    /// Hands over every record that is complete now, oldest first; each is valid inside the call.
    ///
    /// Loss is the kernel's own count where there is one (Linux 6.0), else what the PERF_RECORD_LOST
    /// records say, which come only with the next record that finds room. The count is read only when
    /// something may have been lost, for that interrupts the event's CPU: a record told so, or at the
    /// end of this call, before it made room, there was less than a record can take.
    package mutating func drain(_ body: (RawSpan) -> Void) throws(SystemCallError) -> Drained {
        var drained = Drained()
        var told: UInt64 = 0
        let head = unsafe shim_ring_head(controlPage)
        let begin = unsafe controlPage.pointee.data_tail
        var tail = begin
        while head &- tail >= Self.headerBytes {
            let header = unsafe data.loadUnaligned(
                fromByteOffset: Int(tail % dataBytes), as: perf_event_header.self)
            let size = UInt64(header.size)
            guard size >= Self.headerBytes, size <= head &- tail, size <= dataBytes else {
                drained.unreadableBytes += head &- tail
                tail = head
                break
            }
            lend(at: tail, size: size) { record in
                if header.type == PERF_RECORD_LOST.rawValue { told &+= Self.lostCount(record) }
                body(record)
            }
            drained.records += 1
            tail &+= size
        }
        let room = dataBytes &- (unsafe shim_ring_head(controlPage) &- begin)
        unsafe shim_ring_set_tail(controlPage, tail)
        guard told > 0 || room < Self.largestRecord else { return drained }
        if let lost = try event.counts().lost {
            drained.lost = lost &- lostBefore
            lostBefore = lost
        } else {
            drained.lost = told
        }
        return drained
    }

    /// PERF_RECORD_LOST: header, u64 id, u64 lost.
    private static func lostCount(_ record: RawSpan) -> UInt64 {
        guard record.byteCount >= 24 else { return 0 }
        return unsafe record.unsafeLoadUnaligned(fromByteOffset: 16, as: UInt64.self)
    }

    /// Lends a record where it lies, or a copy of its two parts when it wraps.
    private mutating func lend(at position: UInt64, size: UInt64, _ body: (RawSpan) -> Void) {
        let start = Int(position % dataBytes)
        let size = Int(size)
        let first = min(size, Int(dataBytes) - start)
        let head = unsafe UnsafeRawBufferPointer(start: data + start, count: first)
        guard first < size else { return unsafe body(RawSpan(_unsafeBytes: head)) }
        scratch.removeAll(keepingCapacity: true)
        unsafe scratch.append(contentsOf: head)
        unsafe scratch.append(
            contentsOf: UnsafeRawBufferPointer(start: data, count: size - first))
        body(scratch.span.bytes)
    }
}
