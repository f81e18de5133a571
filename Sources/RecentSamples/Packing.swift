import ByteReading
import ProfileStore

/// How every payload of a chapter lies: its size unpacked, then one zstd frame; or 0, then itself where
/// a frame would not be smaller.
enum Packing {
    static func pack(
        _ payload: [UInt8], _ codec: borrowing ZstdCodec, level: Int32 = 1
    ) -> [UInt8] {
        let frame = codec.compress(payload, level: level)
        var bytes: [UInt8] = []
        bytes.appendVarint(frame == nil ? 0 : payload.count)
        return bytes + (frame ?? payload)
    }

    /// Throws `.corrupt`, and says what is damaged, unless it is what `pack` gave.
    static func unpack(
        _ bytes: [UInt8], _ what: String, _ codec: borrowing ZstdCodec,
        read: (inout ByteReader) throws -> Void
    ) throws(StoreError) {
        do {
            var reader = ByteReader(bytes.span.bytes)
            let size = try reader.readULEB128()
            guard size > 0 else { return try finish(&reader, read) }
            guard
                let payload = codec.expand(
                    try reader.readBytes(UInt64(reader.remaining)), size: Int(clamping: size))
            else { throw StoreError(.corrupt, "it does not unpack") }
            var inner = ByteReader(payload.span.bytes)
            try finish(&inner, read)
        } catch {
            throw StoreError(.corrupt, "\(what) of recent samples are damaged: \(error)")
        }
    }

    private static func finish(
        _ reader: inout ByteReader, _ read: (inout ByteReader) throws -> Void
    ) throws {
        try read(&reader)
        guard reader.isAtEnd else {
            throw StoreError(.corrupt, "there is more than there should be")
        }
    }
}
