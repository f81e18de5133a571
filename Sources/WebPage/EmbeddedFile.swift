/// What the build plugin writes for each file of `web/`.
struct EmbeddedFile {
    let name: StaticString
    let contentType: StaticString
    /// Hexadecimal, from the bytes.
    let hash: StaticString
    let base64: StaticString
}
