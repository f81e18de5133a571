import ByteReading

/// Reads profile blobs one after another, using its buffers again; one per task.
struct BlobReader: ~Copyable {
    private let codec = ZstdCodec()
    private var payload: [UInt8] = []
    private var stacks: [UInt32] = []

    init() {}

    /// Adds the blob's values at their stacks' places in `sums`; gives the header.
    ///
    /// Throws `.corrupt`, never traps, whatever the bytes are; `sums` may then hold a part.
    mutating func add(_ blob: RawSpan, to sums: inout [Int64]) throws(StoreError)
        -> ProfileBlob.Header
    {
        var reader = ByteReader(blob)
        let header = try ProfileBlob.Header(&reader)
        let rest = blob.extracting(reader.offset..<blob.byteCount)
        // Taken out, since the payload and the scratch space are both borrowed from this value below.
        var scratch: [UInt32] = []
        swap(&scratch, &stacks)
        defer { swap(&scratch, &stacks) }
        let isWhole: Bool
        if header.isCompressed {
            guard codec.expand(rest, size: header.payloadSize, into: &payload) else {
                throw StoreError(.corrupt, "a profile blob does not unpack")
            }
            isWhole = PairPayload.add(
                payload.span.bytes.extracting(0..<header.payloadSize), header: header, to: &sums,
                scratch: &scratch)
        } else {
            isWhole =
                rest.byteCount == header.payloadSize
                && PairPayload.add(rest, header: header, to: &sums, scratch: &scratch)
        }
        guard isWhole else { throw StoreError(.corrupt, "a profile blob's pairs are damaged") }
        return header
    }

    /// The whole blob.
    mutating func read(_ blob: RawSpan) throws(StoreError) -> ProfileBlob {
        var reader = ByteReader(blob)
        let header = try ProfileBlob.Header(&reader)
        let rest = blob.extracting(reader.offset..<blob.byteCount)
        let pairs: [ProfileBlob.Pair]?
        if header.isCompressed {
            guard codec.expand(rest, size: header.payloadSize, into: &payload) else {
                throw StoreError(.corrupt, "a profile blob does not unpack")
            }
            pairs = PairPayload.pairs(
                payload.span.bytes.extracting(0..<header.payloadSize), header: header)
        } else {
            pairs =
                rest.byteCount == header.payloadSize
                ? PairPayload.pairs(rest, header: header) : nil
        }
        guard let pairs else { throw StoreError(.corrupt, "a profile blob's pairs are damaged") }
        return ProfileBlob(
            period: header.period, durationMilliseconds: header.durationMilliseconds, pairs: pairs)
    }
}
