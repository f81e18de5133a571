/// Reads the wire format of protocol buffers, independently of what writes it: fields by number.
struct ProtobufMessage {
    var numbers: [Int: [UInt64]] = [:]
    var payloads: [Int: [[UInt8]]] = [:]

    init(_ bytes: [UInt8]) {
        var position = 0
        func varint() -> UInt64 {
            var value: UInt64 = 0
            var shift: UInt64 = 0
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                value |= UInt64(byte & 0x7f) << shift
                if byte < 0x80 { break }
                shift += 7
            }
            return value
        }
        while position < bytes.count {
            let key = varint()
            let field = Int(key >> 3)
            if key & 7 == 0 {
                numbers[field, default: []].append(varint())
            } else {
                let length = Int(varint())
                payloads[field, default: []].append(Array(bytes[position..<position + length]))
                position += length
            }
        }
    }

    /// A repeated number, packed or not.
    func list(_ field: Int) -> [UInt64] {
        (numbers[field] ?? []) + (payloads[field] ?? []).flatMap { Self.varints($0) }
    }

    func messages(_ field: Int) -> [ProtobufMessage] { (payloads[field] ?? []).map { Self($0) } }
    func number(_ field: Int) -> UInt64 { numbers[field]?.last ?? 0 }

    private static func varints(_ bytes: [UInt8]) -> [UInt64] {
        var values: [UInt64] = []
        var value: UInt64 = 0
        var shift: UInt64 = 0
        for byte in bytes {
            value |= UInt64(byte & 0x7f) << shift
            shift += 7
            if byte < 0x80 {
                values.append(value)
                value = 0
                shift = 0
            }
        }
        return values
    }
}
