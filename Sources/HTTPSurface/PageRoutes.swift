import HTTPTypes
import Hummingbird
import WebPage

/// The page and its files, from the binary.
struct PageRoutes {
    static let paths = ["/"] + PageAsset.paths

    func add(to router: Router<BasicRequestContext>) {
        for path in Self.paths {
            router.get(RouterPath(path)) { request, _ in try Self.respond(to: request, path) }
        }
    }

    private static func respond(to request: Request, _ path: String) throws -> Response {
        guard let asset = PageAsset.named(path) else { throw HTTPProblem.noSuchPath(path) }
        // Asked for again at every load, and answered 304 while the binary is the same.
        var headers: HTTPFields = [.eTag: asset.entityTag, .cacheControl: "no-cache"]
        let known = request.headers[.ifNoneMatch]?.split(separator: ",") ?? []
        if known.contains(where: { matches($0, asset.entityTag) }) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = asset.contentType
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }

    /// Weak comparison (RFC 9110 §13.1.2).
    private static func matches(_ candidate: Substring, _ tag: String) -> Bool {
        let candidate = candidate.drop { $0 == " " }
        return candidate == "*" || candidate == tag[...] || candidate.dropFirst(2) == tag[...]
    }
}
