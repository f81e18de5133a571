import ByteReading
import ProfileStore

/// The stacks of one part of a chapter.
package struct StackPart: Sendable {
    /// All stacks' locations, one stack after the other, root first.
    private var locations: [UInt32] = []
    /// Where each ends there.
    private var ends: [Int] = []

    package var count: Int { ends.count }

    /// A stack's locations, as the chapter numbers them, leaf first. `stack` must be below `count`.
    package func locations(of stack: Int) -> [UInt32] {
        locations[(stack == 0 ? 0 : ends[stack - 1])..<ends[stack]].reversed()
    }

    /// What `ChapterDictionary.packedStacks` gave. Throws `.corrupt` when it is anything else.
    init(packed bytes: [UInt8], _ codec: borrowing ZstdCodec) throws(StoreError) {
        var part = StackPart()
        try Packing.unpack(bytes, "stacks", codec) { try part.read(&$0) }
        self = part
    }

    private init() {}

    private mutating func read(_ reader: inout ByteReader) throws {
        var begin = 0
        for _ in 0..<(try reader.readCount()) {
            let shared = try reader.readULEB128()
            guard shared <= UInt64(locations.count - begin) else {
                throw StoreError(.corrupt, "a stack shares more than there is")
            }
            let next = locations.count
            // One by one: a slice would hold on to the array, and the array would copy itself.
            for index in 0..<Int(shared) { locations.append(locations[begin + index]) }
            for _ in 0..<(try reader.readCount()) { locations.append(try reader.readUInt32()) }
            begin = next
            ends.append(locations.count)
        }
    }

    /// LEB128 numbers one after the other.
    static func numbers(_ bytes: ArraySlice<UInt8>) -> [Int] {
        var numbers: [Int] = []
        var value = 0
        var shift = 0
        for byte in bytes {
            value |= Int(byte & 0x7f) << shift
            shift += 7
            if byte < 0x80 {
                numbers.append(value)
                (value, shift) = (0, 0)
            }
        }
        return numbers
    }
}
