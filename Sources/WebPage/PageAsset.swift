import ByteReading

/// A file of the page, as the build embedded it.
package struct PageAsset: Sendable {
    /// The media type, for `Content-Type`.
    package let contentType: String
    /// A strong entity tag with its quotes (RFC 9110 §8.8.3): a hash of the bytes.
    package let entityTag: String
    package let bytes: [UInt8]

    /// The asset that answers `path`; `/` is the page itself. Nil when there is none.
    package static func named(_ path: String) -> PageAsset? {
        all[path == "/" ? "/index.html" : path]
    }

    /// Every path that has an asset, sorted.
    package static var paths: [String] { all.keys.sorted() }

    /// Decoded once, at the first request.
    private static let all = Dictionary(
        embeddedFiles.map { file in
            (
                "/\(file.name)",
                PageAsset(
                    contentType: "\(file.contentType)", entityTag: "\"\(file.hash)\"",
                    bytes: Base64.decode(file.base64))
            )
        }, uniquingKeysWith: { first, _ in first })
}
