/// Assembles `.eh_frame` and `.debug_frame` sections.
struct CallFrameBytes {
    static let address: UInt64 = 0x10_0000

    var isEHFrame = true
    var isWide = false
    var version: UInt8 = 1
    var augmentation = "zR"
    /// pcrel | sdata4
    var encoding: UInt8 = 0x1b
    /// What augmentation letters other than R have, before R's.
    var augmentationData: [UInt8] = []
    private(set) var bytes: [UInt8] = []

    /// cfa = rsp + 8; return address = [cfa − 8]
    static let callInstructions: [UInt8] = [0x0c, 7, 8, 0x90, 1]

    /// Returns the entry's offset.
    @discardableResult
    mutating func common(
        _ instructions: [UInt8] = callInstructions, code: UInt64 = 1, data: Int64 = -8,
        column: UInt8 = 16
    ) -> Int {
        var body: [UInt8] = [version] + Array(augmentation.utf8) + [0]
        if version == 4 { body += [8, 0] }
        body += uleb(code) + sleb(data) + [column]
        if augmentation.hasPrefix("z") {
            let data = augmentationData + (augmentation.contains("R") ? [encoding] : [])
            body += uleb(UInt64(data.count)) + data
        }
        return entry(id: isEHFrame ? 0 : .max, body: body + instructions)
    }

    @discardableResult
    mutating func description(
        of common: Int = 0, start: UInt64, length: UInt64, _ instructions: [UInt8] = []
    ) -> Int {
        let position = bytes.count + (isWide ? 12 : 4)
        let idWidth = isWide && !isEHFrame ? 8 : 4
        let id = isEHFrame ? UInt64(position - common) : UInt64(common)
        var body: [UInt8] = []
        if isEHFrame {
            let field = Self.address + UInt64(position + idWidth)
            body += pointer(start, at: field) + pointer(length, at: nil)
        } else {
            body += little(start, 8) + little(length, 8)
        }
        if isEHFrame, augmentation.hasPrefix("z") { body += [0] }
        return entry(id: id, body: body + instructions)
    }

    mutating func terminator() { bytes += [0, 0, 0, 0] }

    mutating func raw(_ more: [UInt8]) { bytes += more }

    private func pointer(_ value: UInt64, at field: UInt64?) -> [UInt8] {
        let value = encoding & 0x70 == 0x10 ? value &- (field ?? 0) : value
        switch encoding & 0x0f {
        case 1: return uleb(value)
        case 9: return sleb(Int64(bitPattern: value))
        case 2, 10: return little(value, 2)
        case 3, 11: return little(value, 4)
        default: return little(value, 8)
        }
    }

    private mutating func entry(id: UInt64, body: [UInt8]) -> Int {
        let offset = bytes.count
        let idWidth = isWide && !isEHFrame ? 8 : 4
        let length = UInt64(idWidth + body.count)
        bytes += isWide ? [0xff, 0xff, 0xff, 0xff] + little(length, 8) : little(length, 4)
        bytes += little(id, idWidth) + body
        return offset
    }
}

func little(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
}

func uleb(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    repeat {
        bytes.append(UInt8(rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
        rest >>= 7
    } while rest != 0
    return bytes
}

func sleb(_ value: Int64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while true {
        let byte = UInt8(truncatingIfNeeded: rest & 0x7f)
        rest >>= 7
        if (rest == 0 && byte & 0x40 == 0) || (rest == -1 && byte & 0x40 != 0) {
            return bytes + [byte]
        }
        bytes.append(byte | 0x80)
    }
}
