import HTTPTypes
import Hummingbird
import Pprof

extension Response {
    /// Below this many bytes gzip saves no packet.
    private static let worthCompressing = 1_400

    /// Text that may be large: gzip when the client takes it, at the level that costs least.
    static func large(_ text: String, contentType: String, for request: Request) -> Response {
        large(Array(text.utf8), contentType: contentType, for: request)
    }

    static func large(_ bytes: [UInt8], contentType: String, for request: Request) -> Response {
        var headers: HTTPFields = [.contentType: contentType, .vary: "Accept-Encoding"]
        var bytes = bytes
        if bytes.count >= worthCompressing, accepts(gzipIn: request.headers[.acceptEncoding]),
            let compressed = try? Gzip.compress(bytes, level: 1)
        {
            bytes = compressed
            headers[.contentEncoding] = "gzip"
        }
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// Whether `gzip` is listed with a weight above zero (RFC 9110 §12.5.3); `*` is not taken up.
    private static func accepts(gzipIn header: String?) -> Bool {
        for coding in (header ?? "").lowercased().split(separator: ",") {
            let parts = coding.split(separator: ";").map { $0.filter { $0 != " " } }
            guard parts.first == "gzip" else { continue }
            return !parts.dropFirst().contains {
                $0.hasPrefix("q=0") && !$0.contains { "1"..."9" ~= $0 }
            }
        }
        return false
    }
}
