import CLibbpf
import Glibc

/// The reading end of a BPF ring buffer. Confined to the thread that drains it.
package struct RingBuffer: ~Copyable {
    private let ring: OpaquePointer
    private let receiver: RecordReceiver

    /// Maps the ring of a loaded map; the map's object must outlive this.
    package init(_ map: BPFMap) throws(BPFError) {
        let receiver = RecordReceiver()
        let context = unsafe Unmanaged.passUnretained(receiver).toOpaque()
        let ring = unsafe ring_buffer__new(
            map.descriptor,
            { context, bytes, count in
                guard let context = unsafe context else { return 0 }
                let receiver = unsafe Unmanaged<RecordReceiver>.fromOpaque(context)
                    .takeUnretainedValue()
                unsafe receiver.body?(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
                return 0
            }, context, nil)
        guard let ring = unsafe ring else {
            throw BPFError("map the ring buffer", errno: errno)
        }
        unsafe self.ring = ring
        self.receiver = receiver
    }

    deinit { unsafe ring_buffer__free(ring) }

    /// Becomes readable when BPF asks for a wakeup.
    package var pollDescriptor: Int32 { unsafe ring_buffer__epoll_fd(ring) }

    /// Hands over every record that is complete now, oldest first; each is valid inside the call.
    package func drain(_ body: (RawSpan) -> Void) throws(BPFError) {
        let result = withoutActuallyEscaping(body) { body in
            unsafe receiver.body = { unsafe body(RawSpan(_unsafeBytes: $0)) }
            defer { unsafe receiver.body = nil }
            return unsafe ring_buffer__consume(ring)
        }
        guard result >= 0 else { throw BPFError("drain the ring buffer", errno: -result) }
    }
}

/// What the C callback finds behind its context pointer.
private final class RecordReceiver {
    var body: ((UnsafeRawBufferPointer) -> Void)?
}
