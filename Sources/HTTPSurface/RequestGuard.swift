import HTTPTypes
import Hummingbird

/// Turns away requests that a web page of somebody else's may have caused. No answer ever carries
/// CORS headers, so no other origin can read one; this also keeps them from being computed.
struct RequestGuard: Sendable {
    let hosts: HostPolicy

    func check(_ request: Request) throws(HTTPProblem) {
        guard let authority = request.head.authority, !authority.isEmpty else {
            throw .invalid(nil, "the Host header is missing")
        }
        // The first Host became the authority; a second one stays among the other fields.
        guard !request.headers.contains(where: { $0.name.canonicalName == "host" }) else {
            throw .invalid(nil, "there is more than one Host header")
        }
        guard hosts.allows(authority: authority) else {
            throw .misdirected(
                "this node does not answer as \(quoted(authority)); if it should, add the name to "
                    + "`allowed-hosts` in its configuration")
        }
        if let origin = request.headers[.origin], !Self.isSame(origin, as: authority) {
            throw .forbidden("requests from pages of \(quoted(origin)) are not answered")
        }
        try checkSite(request)
    }

    /// Fetch metadata (W3C): what the browser itself says about the page behind the request.
    private func checkSite(_ request: Request) throws(HTTPProblem) {
        guard let site = request.headers[.secFetchSite] else { return }
        if site == "same-origin" || site == "none" { return }
        // Following a link to the page is harmless: the other page sees nothing of it.
        let isLink =
            request.headers[.secFetchMode] == "navigate"
            && request.headers[.secFetchDest] == "document" && request.uri.path == "/"
        guard isLink else {
            throw .forbidden("requests that another site causes are not answered")
        }
    }

    private static func isSame(_ origin: String, as authority: String) -> Bool {
        for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
            return origin.dropFirst(scheme.count).lowercased() == authority.lowercased()
        }
        return false
    }
}
