/// Writes protobuf messages (encoding guide): keys, varints, length-delimited bytes.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// A number; 0 is the default and takes no bytes.
    mutating func field(_ number: UInt64, _ value: UInt64) {
        guard value != 0 else { return }
        varint(number << 3)
        varint(value)
    }

    mutating func field(_ number: UInt64, _ value: Int64) {
        field(number, UInt64(bitPattern: value))
    }

    mutating func field(_ number: UInt64, _ value: Bool) { field(number, value ? 1 : UInt64(0)) }

    /// Bytes, text or a message; written even when empty.
    mutating func field(_ number: UInt64, _ value: some Collection<UInt8>) {
        varint(number << 3 | 2)
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func message(_ number: UInt64, _ body: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        body(&inner)
        field(number, inner.bytes)
    }

    /// A packed repeated number.
    mutating func packed(_ number: UInt64, _ values: some Sequence<UInt64>) {
        var inner = ProtobufWriter()
        for value in values { inner.varint(value) }
        field(number, inner.bytes)
    }
}
