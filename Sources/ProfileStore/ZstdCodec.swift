import CZstd

/// Compresses and expands blobs with zstd; holds the library's two contexts, so one per task.
package struct ZstdCodec: ~Copyable {
    /// Nothing we write expands to more: a blob that claims so is not ours.
    static let expandedLimit = 64 << 20

    private let compression: OpaquePointer?
    private let expansion: OpaquePointer?

    package init() {
        compression = unsafe ZSTD_createCCtx()
        expansion = unsafe ZSTD_createDCtx()
    }

    deinit {
        // Safe because this value is the only owner of both contexts; free accepts nil.
        unsafe ZSTD_freeCCtx(compression)
        unsafe ZSTD_freeDCtx(expansion)
    }

    /// The bytes as one zstd frame with a checksum where asked, or nil when that is not smaller.
    package borrowing func compress(
        _ bytes: [UInt8], checksum: Bool = false, level: Int32 = 1
    ) -> [UInt8]? {
        guard let compression = unsafe compression, bytes.count > 32 else { return nil }
        unsafe ZSTD_CCtx_setParameter(compression, ZSTD_c_compressionLevel, level)
        unsafe ZSTD_CCtx_setParameter(compression, ZSTD_c_checksumFlag, checksum ? 1 : 0)
        var written = 0
        // Safe because zstd writes at most `room.count` bytes and reads exactly `source.count`; the
        // array's count is what zstd said it wrote.
        let frame = unsafe [UInt8](unsafeUninitializedCapacity: bytes.count) { room, count in
            written = unsafe bytes.withUnsafeBytes { source in
                unsafe ZSTD_compress2(
                    compression, room.baseAddress, room.count, source.baseAddress, source.count)
            }
            count = ZSTD_isError(written) == 0 ? written : 0
        }
        return ZSTD_isError(written) == 0 && frame.count < bytes.count ? frame : nil
    }

    /// Expands a frame to exactly `size` bytes; nil when it is damaged or of another size.
    package borrowing func expand(_ frame: RawSpan, size: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        guard expand(frame, size: size, into: &bytes) else { return nil }
        bytes.removeLast(bytes.count - size)
        return bytes
    }

    /// As `expand(_:size:)`, into an array whose memory is used again.
    borrowing func expand(_ frame: RawSpan, size: Int, into bytes: inout [UInt8]) -> Bool {
        guard let expansion = unsafe expansion, (0...Self.expandedLimit).contains(size) else {
            return false
        }
        if bytes.count < size { bytes = Array(repeating: 0, count: max(size, 4096)) }
        // Safe because zstd writes at most `size` bytes, which `bytes` has, and reads inside `frame`.
        let written = unsafe frame.withUnsafeBytes { source in
            unsafe bytes.withUnsafeMutableBytes { room in
                unsafe ZSTD_decompressDCtx(
                    expansion, room.baseAddress, size, source.baseAddress, source.count)
            }
        }
        return ZSTD_isError(written) == 0 && written == size
    }
}
