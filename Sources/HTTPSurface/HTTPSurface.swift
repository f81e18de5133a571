import Glibc
package import Hummingbird
import ProfileModel
package import ProfileQuery

/// The HTTP surface of one node: queries, the page, and what the node says about itself.
///
/// Every request passes the same guard, every problem has the same form, and there is no request
/// whose answer is a 5xx unless the node itself cannot do its work (503, with the reason).
package struct HTTPSurface: Sendable {
    private let engine: QueryEngine
    private let node: any NodeReporting
    private let hosts: HostPolicy
    private let windowSeconds: Int

    /// `windowSeconds`: how long the windows are that this node stores.
    package init(
        engine: QueryEngine, node: any NodeReporting, hosts: HostPolicy, windowSeconds: Int = 10
    ) {
        self.engine = engine
        self.node = node
        self.hosts = hosts
        self.windowSeconds = windowSeconds
    }

    private static let paths =
        PageRoutes.paths + NodeRoutes.paths + RenderRoutes.paths + LabelRoutes.paths
        + RenderDiffRoutes.paths + ProfilingRoutes.paths + RecentRoutes.paths
        + [ServicesRoute.path]

    /// Every route behind the guard.
    package func router() -> Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.add(
            middleware: SurfaceMiddleware(
                requestGuard: RequestGuard(hosts: hosts), paths: Set(Self.paths)))
        PageRoutes().add(to: router)
        NodeRoutes(node: node).add(to: router)
        RenderRoutes(engine: engine, clock: Self.now).add(to: router)
        RenderDiffRoutes(engine: engine, clock: Self.now).add(to: router)
        LabelRoutes(engine: engine, clock: Self.now).add(to: router)
        QuerierRoutes(querier: Querier(engine: engine)).add(to: router)
        ServicesRoute(engine: engine, clock: Self.now, windowSeconds: windowSeconds).add(to: router)
        RecentRoutes(recent: engine.recent, clock: Self.now).add(to: router)
        ProfilingRoutes(node: node).add(to: router)
        return router
    }

    @Sendable private static func now() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
