import ByteReading
import ProfileModel
import Testing

@testable import ProfileStore

@Suite struct BlobTests {
    private static let blobs = [
        ProfileBlob(period: 10, durationMilliseconds: 10_000, pairs: []),
        ProfileBlob(period: 10, durationMilliseconds: 10_000, pairs: [.init(stack: 0, value: 10)]),
        ProfileBlob(
            period: 1, durationMilliseconds: 1,
            pairs: [.init(stack: 3, value: -7), .init(stack: 4_000_000_000, value: .max)]),
        ProfileBlob(
            period: 10_309_278, durationMilliseconds: 10_000,
            pairs: (0..<2_000).map { .init(stack: $0 * 3, value: 10_309_278 * Int64($0 % 5 + 1)) }),
    ]

    @Test(arguments: blobs.indices) func `reads back what it wrote`(index: Int) throws {
        let blob = Self.blobs[index]
        let bytes = blob.encoded(by: ZstdCodec())
        var reader = BlobReader()
        let again = try reader.read(bytes.span.bytes)
        #expect(again == blob)
    }

    @Test func `survives every truncation and twenty thousand mutations`() {
        var random = SeededGenerator(seed: 3)
        for blob in Self.blobs {
            let bytes = blob.encoded(by: ZstdCodec())
            var reader = BlobReader()
            for length in 0..<min(bytes.count, 600) {
                _ = try? reader.read(Array(bytes[..<length]).span.bytes)
            }
            for _ in 0..<5_000 where !bytes.isEmpty {
                var bad = bytes
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    bad[Int.random(in: 0..<bad.count, using: &random)] = .random(
                        in: 0...255, using: &random)
                }
                _ = try? reader.read(bad.span.bytes)
            }
        }
    }
}
