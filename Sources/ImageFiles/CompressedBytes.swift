import ByteReading
import CLzma
import CZlib
import CZstd

/// Unpacks what ELF files hold in compressed form. Hostile bytes may claim to become anything: nothing
/// is unpacked beyond the limit that the caller names.
enum CompressedBytes {
    /// The contents of a section with SHF_COMPRESSED: a header that tells format and size, then the
    /// packed bytes (System V ABI, "Compressed Sections", Elf64_Chdr).
    static func unpackSection(_ bytes: [UInt8], limit: Int) throws(ImageError) -> [UInt8] {
        var reader = ByteReader(bytes.span.bytes)
        do {
            let format: UInt32 = try reader.read()
            try reader.skip(4)
            let size: UInt64 = try reader.read()
            try reader.skip(8)  // ch_addralign
            return try unpack(bytes, from: reader.offset, format: format, size: size, limit: limit)
        } catch let error as ImageError {
            throw error
        } catch {
            throw .malformed
        }
    }

    /// The contents of a `.zdebug_…` section, as binutils made them before SHF_COMPRESSED and Go's
    /// linker until 1.18: "ZLIB", the size with the highest byte first, a zlib stream.
    static func unpackOldSection(_ bytes: [UInt8], limit: Int) throws(ImageError) -> [UInt8] {
        guard bytes.count >= 12, bytes[..<4].elementsEqual("ZLIB".utf8) else { throw .malformed }
        let size = bytes[4..<12].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return try unpack(bytes, from: 12, format: zlibFormat, size: size, limit: limit)
    }

    /// An xz file, such as `.gnu_debugdata`.
    static func unpackXz(_ bytes: [UInt8], limit: Int) throws(ImageError) -> [UInt8] {
        var stream = lzma_stream()
        guard unsafe lzma_stream_decoder(&stream, xzMemoryLimit, 0) == LZMA_OK else {
            throw .unreadable
        }
        defer { unsafe lzma_end(&stream) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var result = LZMA_OK
        unsafe bytes.withUnsafeBufferPointer { source in
            unsafe stream.next_in = source.baseAddress
            stream.avail_in = source.count
            while result == LZMA_OK, output.count <= limit {
                result = unsafe chunk.withUnsafeMutableBufferPointer { target in
                    unsafe stream.next_out = target.baseAddress
                    stream.avail_out = target.count
                    return unsafe lzma_code(&stream, LZMA_FINISH)
                }
                output += chunk[..<(chunk.count - stream.avail_out)]
            }
        }
        guard output.count <= limit else { throw .tooLarge }
        guard result == LZMA_STREAM_END else { throw .malformed }
        return output
    }

    private static let zlibFormat: UInt32 = 1  // ELFCOMPRESS_ZLIB
    private static let zstdFormat: UInt32 = 2  // ELFCOMPRESS_ZSTD
    /// What xz may take for its dictionary; the strongest preset takes 65 MiB.
    private static let xzMemoryLimit: UInt64 = 80 << 20

    private static func unpack(
        _ bytes: [UInt8], from start: Int, format: UInt32, size: UInt64, limit: Int
    ) throws(ImageError) -> [UInt8] {
        guard size <= UInt64(limit) else { throw .tooLarge }
        var produced: Int?
        let output = unsafe [UInt8](unsafeUninitializedCapacity: Int(size)) { target, filled in
            unsafe bytes.withUnsafeBufferPointer { all in
                let source = unsafe UnsafeBufferPointer(rebasing: all[start...])
                switch format {
                case zlibFormat: produced = unsafe inflate(source, into: target)
                case zstdFormat:
                    let written = unsafe ZSTD_decompress(
                        target.baseAddress, target.count, source.baseAddress, source.count)
                    produced = ZSTD_isError(written) == 0 ? written : nil
                default: produced = nil
                }
            }
            filled = produced ?? 0
        }
        guard produced == Int(size) else { throw .malformed }
        return output
    }

    /// Bytes written; nil when the stream is damaged, or longer than the room.
    private static func inflate(
        _ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>
    ) -> Int? {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard unsafe inflateInit_(&stream, ZLIB_VERSION, size) == Z_OK else { return nil }
        defer { unsafe inflateEnd(&stream) }
        unsafe stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
        stream.avail_in = UInt32(clamping: source.count)
        unsafe stream.next_out = target.baseAddress
        stream.avail_out = UInt32(clamping: target.count)
        guard unsafe CZlib.inflate(&stream, Z_FINISH) == Z_STREAM_END else { return nil }
        return Int(stream.total_out)
    }
}
