import Foundation
import HTTPSurface
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import ProfileModel
import ProfileQuery
import ProfileStore
import RecentSamples
import Testing

@Suite struct RecentRouteTests {
    private static let start: Int64 = 1_800_000_000_000

    /// Three samples: two of process 7 on CPU 0 at 0 and 250 ms, one of process 8 on CPU 3 at 1.5 s.
    private func ring() throws -> RecentSamples {
        var table = StackTable()
        let stacks = ["a", "b"].map { name in
            table.intern(stack: [
                table.intern(
                    Location(
                        named: [Line(function: Function(name: name))], kind: .native, module: "m"))
            ])
        }
        let ring = RecentSamples(directory: NSTemporaryDirectory())
        try ring.add(
            RecentWindow(
                start: Timestamp(milliseconds: Self.start), durationMilliseconds: 10_000,
                period: 10,
                series: ["web", "db"].map {
                    LabelSet([Label("service_name", $0), Label("comm", $0 + "d")])
                },
                table: table,
                samples: [
                    .init(offset: 0, cpu: 0, pid: 7, tid: 7, series: 0, stack: stacks[0]),
                    .init(offset: 250_000, cpu: 0, pid: 7, tid: 9, series: 0, stack: stacks[1]),
                    .init(offset: 1_500_000, cpu: 3, pid: 8, tid: 8, series: 1, stack: stacks[1]),
                ]))
        return ring
    }

    private func get(
        _ uri: String, hasRing: Bool = true
    ) async throws -> (status: HTTPResponse.Status, body: String) {
        let surface = HTTPSurface(
            engine: QueryEngine(
                store: MemoryProfileStore(), recent: hasRing ? try ring() : nil),
            node: FakeNode(), hosts: HostPolicy(listenHost: "127.0.0.1"))
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let application = Application(router: surface.router(), logger: logger)
        let response = try await application.test(.router) { client in
            try await client.execute(uri: uri, method: .get)
        }
        return (response.status, String(buffer: response.body))
    }

    private static let until = "until=\(start + 1999)"

    @Test func `a heatmap has rows within steps`() async throws {
        let (status, body) = try await get("/api/v1/heatmap?\(Self.until)&step=1s&rows=4")
        #expect(status == .ok)
        #expect(
            body
                == "{\"columns\":2,\"row_milliseconds\":250,\"start\":\(Self.start),\"step_milliseconds\":1000,\"values\":[[10,0],[10,0],[0,10],[0,0]]}"
        )
    }

    @Test func `a heatmap has rows of CPUs`() async throws {
        let (status, body) = try await get("/api/v1/heatmap?\(Self.until)&step=1000&by=cpu")
        #expect(status == .ok)
        #expect(
            body
                == "{\"columns\":2,\"cpus\":[0,3],\"start\":\(Self.start),\"step_milliseconds\":1000,\"values\":[[20,0],[0,10]]}"
        )
    }

    @Test func `says what is held, and which processes ran`() async throws {
        let (status, body) = try await get(
            "/api/v1/recent?\(Self.until)&query=%7Bpid%3D%227%22%7D")
        #expect(status == .ok)
        #expect(
            body.contains(
                "\"processes\":[{\"comm\":\"webd\",\"cpu_nanoseconds\":20,\"pid\":7,\"samples\":2,\"service_name\":\"web\",\"threads\":2}]"
            ))
        #expect(body.contains("\"start\":\(Self.start)"))
        #expect(body.contains("\"end\":\(Self.start + 10_000)"))
        #expect(body.contains("\"samples\":3,"))
    }

    @Test(arguments: [
        ("query=process_cpu:cpu:nanoseconds:cpu:nanoseconds%7Btid%3D%229%22%7D", "b 10\n"),
        ("query=process_cpu:cpu:nanoseconds:cpu:nanoseconds%7Bpid%3D~%227|8%22%7D", "a 10\nb 20\n"),
        ("source=recent&query=process_cpu:cpu:nanoseconds:cpu:nanoseconds%7B%7D", "a 10\nb 20\n"),
        ("query=process_cpu:cpu:nanoseconds:cpu:nanoseconds%7B%7D", ""),
    ])
    func `render answers from single samples when asked to`(
        _ query: String, _ expected: String
    ) async throws {
        let (status, body) = try await get(
            "/pyroscope/render?format=collapsed&from=\(Self.start)&\(Self.until)&\(query)")
        #expect(status == .ok)
        #expect(Set(body.split(separator: "\n")) == Set(expected.split(separator: "\n")))
    }

    @Test(arguments: [
        ("/api/v1/heatmap?step=0", "step"), ("/api/v1/heatmap?step=1d", "step"),
        ("/api/v1/heatmap?step=-1", "step"), ("/api/v1/heatmap?by=pid", "by"),
        ("/api/v1/heatmap?rows=0", "rows"), ("/api/v1/heatmap?query=%7B", "query"),
        ("/api/v1/heatmap?\(RecentRouteTests.until)&query=%7Bpid%3D~%22(%22%7D", "query"),
        ("/api/v1/recent?from=1000&until=2000", "from"),
        (
            "/pyroscope/render?source=disk&query=process_cpu:cpu:nanoseconds:cpu:nanoseconds%7B%7D",
            "source"
        ),
    ])
    func `names the parameter that is to blame`(_ uri: String, _ parameter: String) async throws {
        let (status, body) = try await get(uri)
        #expect(status == .badRequest)
        #expect(body.contains("\"parameter\":\"\(parameter)\""), "\(body)")
    }

    @Test(arguments: [
        "/api/v1/heatmap", "/api/v1/recent",
        "/pyroscope/render?source=recent&query=process_cpu:cpu:nanoseconds:cpu:nanoseconds%7B%7D",
    ])
    func `says so where no single samples are kept`(_ uri: String) async throws {
        let (status, body) = try await get(uri, hasRing: false)
        #expect(status == .badRequest)
        #expect(body.contains("no single samples are kept here"))
    }
}
