import HTTPTypes
import Hummingbird

/// What the node says about itself.
struct NodeRoutes {
    let node: any NodeReporting

    static let paths = ["/api/v1/processes", "/api/v1/status", "/metrics", "/ready", "/healthz"]

    func add(to router: Router<BasicRequestContext>) {
        let node = node
        router.get("/api/v1/processes") { _, _ in
            struct Answer: Encodable {
                let processes: [ProcessReport]
            }
            let processes = await node.processes().sorted {
                ($1.samples, $0.tgid) < ($0.samples, $1.tgid)
            }
            return Response.json(Answer(processes: processes), snakeCase: true)
        }
        router.get("/api/v1/status") { _, _ in
            Response.json(await node.status(), snakeCase: true)
        }
        router.get("/metrics") { _, _ in
            Response.text(
                MetricsText.encode(await node.metrics()), contentType: MetricsText.contentType)
        }
        router.get("/ready") { _, _ in
            switch await node.readiness() {
            case .ready: return Response.json(["status": "ready"])
            case .notReady(let reason): throw HTTPProblem.unavailable(reason)
            }
        }
        router.get("/healthz") { _, _ in Response.json(["status": "alive"]) }
    }
}
