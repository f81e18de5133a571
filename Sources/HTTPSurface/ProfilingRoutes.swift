import HTTPTypes
import Hummingbird
import Pprof
import ProfileModel
import ProfileQuery
import ProfileStore
import ServiceLifecycle
import Synchronization

/// `/debug/pprof/`, for `go tool pprof` and every scraper that knows it. Here it is the whole machine
/// that is profiled, or what a selector picks, not this program.
struct ProfilingRoutes {
    let node: any NodeReporting
    private let collections = Collections()

    init(node: any NodeReporting) {
        self.node = node
    }

    static let indexPath = "/debug/pprof/"
    static let profilePath = "/debug/pprof/profile"
    static let paths = [indexPath, "/debug/pprof", profilePath]
    static let seconds = 1...300
    static let defaultSeconds = 30

    func add(to router: Router<BasicRequestContext>) {
        router.get(RouterPath(Self.indexPath)) { _, _ in
            Response.text(Self.index, contentType: "text/html; charset=utf-8")
        }
        router.get(RouterPath(Self.profilePath)) { request, _ in try await profile(request) }
        router.head(RouterPath(Self.profilePath)) { request, _ in
            _ = try Self.wish(request)
            return Response(status: .ok, headers: [.contentType: "application/octet-stream"])
        }
    }

    private static func wish(_ request: Request) throws -> (seconds: Int, matchers: [LabelMatcher])
    {
        let parameters = try QueryParameters(request)
        let seconds = try parameters.integer("seconds", in: Self.seconds) ?? defaultSeconds
        guard let text = parameters.string("query") else { return (seconds, []) }
        let selector = try Selector(text)
        guard selector.type == nil || selector.type == .cpu else {
            throw HTTPProblem.invalid("query", "only \(ProfileType.cpu.id) can be sampled live")
        }
        return (seconds, selector.matchers)
    }

    /// Ends early when the client hangs up or the node stops.
    private func profile(_ request: Request) async throws -> Response {
        let (seconds, matchers) = try Self.wish(request)
        guard collections.begin() else {
            throw HTTPProblem.busy("\(Collections.most) profiles are being collected already")
        }
        defer { collections.end() }
        let node = node
        let profile = try await request.body.consumeWithCancellationOnInboundClose { _ in
            try await cancelWhenGracefulShutdown {
                try await node.collect(seconds: seconds, matchers: matchers)
            }
        }
        return .file(try PprofEncoder.encode(profile), filename: "profile.pb.gz")
    }

    private static let index = """
        <!doctype html><html lang="en"><meta charset="utf-8"><title>Profiles of this machine</title>
        <h1>Profiles of this machine</h1>
        <p><a href="/debug/pprof/profile?seconds=30">profile</a>: CPU of every process for
        <code>seconds</code> (1 to 300, default 30), or of what <code>query</code> selects, like
        <code>{service_name="nginx"}</code>. Opens in <code>go tool pprof</code>.</p>
        <p><a href="/">The page</a> shows what is stored already.</p>
        </html>
        """
}

/// How many clients are having profiles collected for them.
private final class Collections: Sendable {
    static let most = 8

    private let count = Mutex(0)

    func begin() -> Bool {
        count.withLock { count in
            guard count < Self.most else { return false }
            count += 1
            return true
        }
    }

    func end() {
        count.withLock { $0 -= 1 }
    }
}
